// The catalogue: all models by kind, narrowed by words, kind and price.

import { catalogue } from "../common/api.js";
import { card, cardList } from "../common/card.js";
import { h, walk } from "../common/dom.js";
import { useLink } from "../common/link.js";
import { affordable, indexed, parsed, ranked } from "../common/search.js";

// The kinds that people look for most; the others follow by name.
const FIRST = ["text-to-image", "image-to-image", "text-to-video", "image-to-video", "video-to-video"];
const ORDERS = { best: "Best match", price: "Price, lowest first", name: "Name" };

// What was looked for and how far down, for whoever comes back.
const last = { query: "", kind: "", most: "", order: "best", scroll: 0, made: 0 };

/**
 * @param {Element} page
 * @param {string} [medium] only models that take such a file, which is at `query`'s `url`
 * @param {URLSearchParams} query
 */
export async function showCatalogue(page, medium, query) {
  const url = medium && query.get("url");
  const models = (await catalogue()).models
    .filter((model) => !url || model.takes.includes(medium))
    .sort((one, other) => other.documented - one.documented);
  const entries = indexed(models);
  const present = new Set(models.map((model) => model.kind));
  const kinds = [...new Set([...FIRST, ...[...present].sort()])].filter((kind) => present.has(kind));
  if (!present.has(last.kind)) last.kind = "";

  const count = h("p.dim.count", { role: "status" });
  const nothing = h("p.empty", { hidden: true }, "No model matches. ", h("button.small", { type: "button", onclick: forget }, "Show all"));
  const body = h("div");
  const made = new Map();
  const cards = cardList(body, (model) => {
    if (!made.has(model)) made.set(model, card(model, url ? useLink(model.id, medium, url) : undefined));
    return made.get(model);
  });
  const search = h("input", {
    type: "search",
    placeholder: "Search: name, owner, function, kind, <0.30",
    "aria-label": "Search models",
    "data-autofocus": "",
    value: last.query,
    oninput: () => set("query", search.value),
  });
  const most = h("input", { type: "number", min: 0, step: "any", placeholder: "any", value: last.most, oninput: () => set("most", most.value) });
  const order = select(Object.entries(ORDERS), last.order, () => set("order", order.value));
  const filter = kindFilter(kinds, (kind) => set("kind", kind));

  function set(name, value) {
    last[name] = value;
    draw();
  }
  function forget() {
    Object.assign(last, { query: "", kind: "", most: "" });
    search.value = most.value = "";
    draw();
    search.focus();
  }
  function draw() {
    const { words, most: named } = parsed(last.query);
    const limit = Math.min(named, last.most === "" ? Infinity : Number(last.most));
    const fitting = ranked(entries, words).filter((model) => affordable(model, limit));
    filter.show(fitting, last.kind);
    const found = fitting.filter((model) => !last.kind || model.kind === last.kind);
    if (last.order === "price") found.sort((one, other) => (one.price ?? Infinity) - (other.price ?? Infinity));
    if (last.order === "name") found.sort((one, other) => one.id.localeCompare(other.id));
    const plain = !words.length && last.order === "best";
    cards.show(plain ? kinds.map((kind) => ({ title: kind, models: found.filter((model) => model.kind === kind) })) : [{ title: null, models: found }]);
    count.textContent = found.length === models.length ? `${found.length} models` : `${found.length} of ${models.length} models`;
    nothing.hidden = found.length > 0;
  }

  page.addEventListener("keydown", (event) => steer(event, page, search, cards.more));
  page.append(
    h("h1", { className: url ? "" : "unseen" }, url ? `Models that take this ${medium}` : "Models"),
    h(
      "div.searchbar",
      {},
      h("div.search", {}, search, h("kbd", { "aria-hidden": "true" }, "/")),
      h("label.filter", {}, "Up to $ ", most),
      h("label.filter", {}, "Order ", order),
      count,
    ),
    filter.element,
    body,
    nothing,
  );
  if (url) page.prepend(h("p", {}, h("a.back", { href: "#/" }, "← All models")));
  draw();
  const shownCards = () => body.querySelectorAll("a.card").length;
  while (!url && shownCards() < last.made && cards.more());
  page.dataset.scroll = url ? 0 : last.scroll;
  return () => {
    if (!url) Object.assign(last, { scroll: scrollY, made: shownCards() });
    cards.stop();
  };
}

function select(options, value, onchange) {
  return h("select", { onchange }, ...options.map(([name, title]) => h("option", { value: name, selected: name === value }, title)));
}

/** Chips, or in a narrow window a list, to choose a kind; with how many models match of each. */
function kindFilter(kinds, choose) {
  const all = ["", ...kinds];
  const chips = all.map((kind) => h("button.chip", { type: "button", onclick: () => choose(kind) }));
  const options = all.map((kind) => h("option", { value: kind }));
  const list = h("select.kinds", { "aria-label": "Kind", onchange: () => choose(list.value) }, ...options);
  const element = h("div", {}, h("div.chips", { role: "group", "aria-label": "Kind" }, ...chips), list);
  return {
    element,
    show(models, chosen) {
      all.forEach((kind, index) => {
        const count = kind ? models.filter((model) => model.kind === kind).length : models.length;
        options[index].textContent = `${kind || "all kinds"} (${count})`;
        chips[index].replaceChildren(kind || "all", h("span.number", {}, ` ${count}`));
        chips[index].setAttribute("aria-pressed", String(kind === chosen));
        chips[index].classList.toggle("none", !count);
      });
      list.value = chosen;
    },
  };
}

/** Escape empties the search, Enter opens the first model, and arrow keys go through them. */
function steer(event, page, search, more) {
  if (event.target.closest("select, input[type=number]")) return;
  if (event.key === "Escape" && event.target === search) {
    search.value = "";
    search.dispatchEvent(new Event("input"));
  }
  if (event.key === "Enter" && event.target === search) page.querySelector("a.card")?.click();
  walk(event, search, () => [...page.querySelectorAll("a.card")], more);
}
