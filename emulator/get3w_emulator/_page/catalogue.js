// The catalogue: all models by kind, narrowed by words and by kind.

import { catalogue } from "./api.js";
import { dollars, h, inPath } from "./dom.js";

// The kinds that people look for most; the others follow by name.
const FIRST = ["text-to-image", "image-to-image", "text-to-video", "image-to-video", "video-to-video"];

// What was looked for, for whoever comes back.
const last = { words: "", kind: null };

export async function showCatalogue(page) {
  const models = [...(await catalogue()).models].sort((one, other) => other.documented - one.documented);
  const present = new Set(models.map((model) => model.kind));
  const kinds = [...new Set([...FIRST, ...[...present].sort()])].filter((kind) => present.has(kind));
  const cards = new Map(models.map((model) => [model, card(model)]));
  const sections = kinds.map((kind) => section(kind, models.filter((model) => model.kind === kind), cards));
  const count = h("p.dim.count", { role: "status" });
  const nothing = h("p.empty", { hidden: true }, "No model matches.");
  const search = h("input", {
    type: "search",
    placeholder: "Search models: name, kind, words",
    "aria-label": "Search models",
    "data-autofocus": "",
    value: last.words,
  });
  const filter = kindFilter(kinds, narrow);

  function narrow() {
    last.words = search.value;
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { element, kind, members } of sections) {
      let inside = 0;
      for (const model of members) {
        const text = `${model.id} ${model.kind} ${model.description}`.toLowerCase();
        const fits = filter.allows(kind) && words.every((word) => text.includes(word));
        cards.get(model).hidden = !fits;
        inside += fits;
      }
      element.hidden = !inside;
      found += inside;
    }
    count.textContent = found === models.length ? `${found} models` : `${found} of ${models.length} models`;
    nothing.hidden = found > 0;
  }

  search.addEventListener("input", narrow);
  page.addEventListener("keydown", (event) => walk(event, page, search));
  page.append(
    h("h1.unseen", {}, "Models"),
    h("div.searchbar", {}, h("div.search", {}, search, h("kbd", { "aria-hidden": "true" }, "/")), count),
    filter.element,
    ...sections.map(({ element }) => element),
    nothing,
  );
  narrow();
}

function section(kind, members, cards) {
  const title = h("h2", {}, kind, h("span.dim.number", {}, members.length));
  const element = h("section.kind", {}, title, h("div.cards", {}, ...members.map((model) => cards.get(model))));
  return { element, kind, members };
}

function card(model) {
  const [owner, ...rest] = model.id.split("/");
  const description = model.description && h("span.words", {}, model.description);
  const known = model.documented && h("span.tag.good", { title: "Get3W's own documentation names it" }, "on Get3W");
  return h(
    "a.card",
    { href: `#/models/${inPath(model.id)}` },
    h("span.owner", {}, owner),
    h("span.name", {}, rest.join("/") || owner),
    description,
    h("span.foot", {}, h("span.price", {}, `${dollars(model.price)} a run`), known),
  );
}

function kindFilter(kinds, changed) {
  const chips = [null, ...kinds].map((kind) =>
    h("button.chip", { type: "button", "aria-pressed": String(kind === last.kind), onclick: () => choose(kind) }, kind ?? "all"),
  );
  function choose(kind) {
    last.kind = kind;
    [null, ...kinds].forEach((each, index) => chips[index].setAttribute("aria-pressed", String(each === kind)));
    changed();
  }
  const element = h("div.chips", { role: "group", "aria-label": "Kind" }, ...chips);
  return { element, allows: (kind) => last.kind === null || kind === last.kind };
}

/** Arrow keys go from the search to the models and on from one to the next. */
function walk(event, page, search) {
  if (event.key === "Escape" && event.target === search) {
    search.value = "";
    search.dispatchEvent(new Event("input"));
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const open = [...page.querySelectorAll("a.card:not([hidden])")].filter((card) => card.checkVisibility());
  if (event.key === "Enter" && event.target === search) open[0]?.click();
  if (!step) return;
  const at = open.indexOf(document.activeElement);
  if (at < 0 && document.activeElement !== search) return;
  event.preventDefault();
  (at + step < 0 ? search : open[Math.min(at + step, open.length - 1)])?.focus();
}
