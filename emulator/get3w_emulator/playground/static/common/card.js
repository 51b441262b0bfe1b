// A model as the catalogue shows it, and a list of many that is made as one scrolls.

import { count, price } from "./format.js";
import { h, inPath } from "./dom.js";

const CHUNK = 48;
const AHEAD = "1200px";

/** The card of a model; it leads to `link`, by default to the model's form. */
export function card(model, link = `#/models/${inPath(model.id)}`) {
  const [owner, ...rest] = model.id.split("/");
  return h(
    "a.card",
    { href: link },
    h("span.head", {}, h("span.owner", {}, owner), confirmation(model)),
    h("span.name", {}, rest.join("/") || owner),
    model.description && h("span.words", {}, model.description),
    h("code.function", {}, `submit_${model.name}`),
    h("span.foot", {}, h("span.price", {}, price(model)), h("span.dim.number", {}, count(model.parameters, "parameter"))),
  );
}

/** Whether Get3W itself names the model. */
export function confirmation(model) {
  return model.documented
    ? h("span.tag.good", { title: "Get3W's own documentation or list names it" }, "on Get3W")
    : h("span.tag", { title: "No documentation and no list of Get3W names it; its schema is that of a sibling service" }, "not confirmed by Get3W");
}

/**
 * Fills an element with sections of cards, so many at a time as are soon to be seen.
 * @returns {{show: (sections: {title: string|null, models: object[]}[]) => void, more: () => boolean, stop: () => void}}
 */
export function cardList(element, cardOf) {
  const sentinel = h("div", { "aria-hidden": "true" });
  let waiting = [];
  let open = null;
  const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && more(), { rootMargin: AHEAD });
  observer.observe(sentinel);

  function more() {
    if (!waiting.length) return false;
    let room = CHUNK;
    while (room > 0 && waiting.length) {
      const section = waiting[0];
      if (!open) {
        open = h("div.cards");
        const heading = section.title && h("h2", {}, section.title, h("span.dim.number", {}, section.models.length));
        element.insertBefore(h("section.kind", {}, heading, open), sentinel);
      }
      const part = section.models.slice(section.at, section.at + room);
      open.append(...part.map(cardOf));
      section.at += part.length;
      room -= part.length;
      if (section.at >= section.models.length) {
        waiting.shift();
        open = null;
      }
    }
    // Whoever looks at the sentinel already is told again only if it is looked for anew.
    observer.unobserve(sentinel);
    observer.observe(sentinel);
    return true;
  }
  return {
    show(sections) {
      open = null;
      waiting = sections.filter(({ models }) => models.length).map((section) => ({ ...section, at: 0 }));
      element.replaceChildren(sentinel);
      more();
    },
    more,
    stop: () => observer.disconnect(),
  };
}
