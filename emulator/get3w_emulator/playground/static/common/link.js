// Addresses inside the page. All that a link holds stands after the #, which no server sees.

import { inPath } from "./dom.js";

/** The address of a model's form; with an input, of the form filled with it. */
export function modelLink(id, input) {
  const path = `#/models/${inPath(id)}`;
  return input === undefined ? path : `${path}?input=${encodeURIComponent(JSON.stringify(input))}`;
}

/** The address of a model's form with a file in the first parameter that takes such a file. */
export const useLink = (id, medium, url) => `#/models/${inPath(id)}?${new URLSearchParams({ medium, url })}`;

/** The address of the models that take such a file. */
export const takersLink = (medium, url) => `#/use/${medium}?${new URLSearchParams({ url })}`;

/** The address of the history, narrowed by a search. */
export const historyLink = (search) => `#/history?${new URLSearchParams({ search })}`;

export const taskLink = (id) => `#/history/${inPath(id)}`;

/** An address inside the page as one that can be sent to others. */
export const absolute = (link) => new URL(link, location.href).href;

/** What stands after the # as a path and its parameters. */
export function parsedLink(hash) {
  const [path, ...rest] = hash.replace(/^#\/?/, "").split("?");
  return { path: path.split("/").map(decoded).join("/"), query: new URLSearchParams(rest.join("?")) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that stands for itself
  }
}
