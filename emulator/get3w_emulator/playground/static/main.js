// From the address after # to a view. A view is a function that fills <main> and may return what
// ends it; `data-scroll` says how far down it was left.

import { h } from "./common/dom.js";
import { showCatalogue } from "./views/catalogue.js";
import { showEmulator } from "./views/emulator.js";
import { showFaults } from "./views/faults.js";
import { showHistory } from "./views/history.js";
import { parsedLink } from "./common/link.js";
import { showModel } from "./views/model.js";
import { listenForShortcuts } from "./common/shortcuts.js";
import { showTask } from "./views/task.js";
import { showWebhooks } from "./views/webhooks.js";

const VIEWS = [
  [/^models\/(.+)$/, "models", showModel],
  [/^use\/([^/]+)$/, "models", showCatalogue],
  [/^history$/, "history", showHistory],
  [/^history\/([^/]+)$/, "history", showTask],
  [/^webhooks$/, "webhooks", showWebhooks],
  [/^faults$/, "faults", showFaults],
  [/^emulator$/, "emulator", showEmulator],
  [/^$/, "models", showCatalogue],
];

const main = document.getElementById("main");
let leave = () => {};
let shown = 0;

async function show() {
  if (location.hash && !location.hash.startsWith("#/")) return; // a jump inside the page
  const { path, query } = parsedLink(location.hash);
  const [pattern, name, view] = VIEWS.find(([each]) => each.test(path)) ?? VIEWS.at(-1);
  const turn = ++shown;
  leave();
  leave = () => {};
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const page = h("div.view");
  try {
    const ended = await view(page, path.match(pattern)?.[1], query);
    if (turn !== shown) return ended?.(); // somebody was faster than the answer
    leave = ended ?? (() => {});
  } catch (error) {
    if (turn !== shown) return;
    const text = error.status === 404 ? `There is nothing at ${path}.` : error.message;
    page.replaceChildren(h("div.problem", { role: "alert" }, h("p", {}, text), h("p", {}, h("a", { href: "#/" }, "All models"))));
  }
  main.replaceChildren(page);
  const heading = page.querySelector("h1")?.textContent;
  document.title = heading ? `${heading} · Get3W emulator` : "Get3W emulator";
  scrollTo(0, Number(page.dataset.scroll ?? 0));
  (page.querySelector("[data-autofocus]") ?? main).focus({ preventScroll: true });
}

addEventListener("hashchange", show);
listenForShortcuts();
show();
