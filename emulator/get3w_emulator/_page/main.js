// From the address after # to a view. A view is a function that fills <main> and may return what
// ends it.

import { h } from "./dom.js";
import { showCatalogue } from "./catalogue.js";
import { showModel } from "./model.js";
import { showHistory, showPrediction } from "./history.js";
import { showWebhooks } from "./webhooks.js";
import { showFaults } from "./faults.js";

const VIEWS = [
  [/^models\/(.+)$/, "models", showModel],
  [/^history$/, "history", showHistory],
  [/^history\/([^/]+)$/, "history", showPrediction],
  [/^webhooks$/, "webhooks", showWebhooks],
  [/^faults$/, "faults", showFaults],
  [/^$/, "models", showCatalogue],
];

const main = document.getElementById("main");
let leave = () => {};
let shown = 0;

async function show() {
  if (location.hash && !location.hash.startsWith("#/")) return; // a jump inside the page
  const path = location.hash.slice(2);
  const [pattern, name, view] = VIEWS.find(([each]) => each.test(path)) ?? VIEWS.at(-1);
  const argument = decoded(path.match(pattern)?.[1]);
  const turn = ++shown;
  leave();
  leave = () => {};
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const page = h("div.view");
  try {
    const ended = await view(page, argument);
    if (turn !== shown) return ended?.(); // somebody was faster than the answer
    leave = ended ?? (() => {});
  } catch (error) {
    if (turn !== shown) return;
    page.replaceChildren(h("div.problem", { role: "alert" }, error.message));
  }
  main.replaceChildren(page);
  const heading = page.querySelector("h1")?.textContent;
  document.title = heading ? `${heading} · Get3W emulator` : "Get3W emulator";
  scrollTo(0, 0);
  (page.querySelector("[data-autofocus]") ?? main).focus({ preventScroll: true });
}

function decoded(text) {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return text; // a % that stands for itself
  }
}

addEventListener("hashchange", show);
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=range]), textarea, select");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const search = document.querySelector("input[type=search]");
  if (search) search.focus();
  else location.hash = "#/";
});
show();
