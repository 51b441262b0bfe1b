// What a model's form starts with: what a link holds, what was being written, or an example.

import { exampleInput } from "./example.js";
import { flat, ordered } from "./schema.js";
import { remembered } from "../common/store.js";

/**
 * @param {object} model
 * @param {URLSearchParams} query of the link that led here
 * @returns {object} an input
 */
export function startInput(model, query) {
  const linked = parsedObject(query.get("input"));
  if (linked) return linked;
  const stored = query.has("example") ? null : draft(model.id);
  const input = stored ?? exampleInput(model.schema);
  const url = query.get("url");
  return url ? withFile(model.schema, input, query.get("medium"), url) : input;
}

/** What was being written in the form of a model; null if nothing was. */
export const draft = (id) => parsedObject(remembered(`draft:${id}`));

/** An input with a file in the first parameter that takes such a file; in a list, beside others. */
function withFile(schema, input, medium, url) {
  const root = flat(schema, schema);
  for (const name of ordered(root)) {
    const described = flat(schema, root.properties[name]);
    if (described.type === "array") {
      const items = flat(schema, described.items ?? {});
      if ((described["x-get3w-media"] ?? items["x-get3w-media"]) === medium) return { ...input, [name]: [url] };
    } else if (described["x-get3w-media"] === medium) return { ...input, [name]: url };
  }
  return input;
}

function parsedObject(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
