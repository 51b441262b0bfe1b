// The keys that work everywhere, and the overview of all keys.

import { h } from "./dom.js";

const SHORTCUTS = [
  ["/", "Search"],
  ["?", "This overview, outside of a text field"],
  ["g then m", "Models"],
  ["g then h", "History"],
  ["g then w", "Webhooks"],
  ["g then f", "Faults"],
  ["g then e", "Emulator: balance, clock, addresses"],
  ["Ctrl Enter", "Submit the form"],
  ["↑ ↓", "From the search through the models, and through the history"],
  ["Enter", "In the search: open the best match"],
  ["Esc", "In the search: empty it; close this overview"],
  ["← →", "From one tab of the code to the next"],
];
const PLACES = { m: "#/", h: "#/history", w: "#/webhooks", f: "#/faults", e: "#/emulator" };
const SEQUENCE_MS = 1500;

export function listenForShortcuts() {
  const dialog = overview();
  document.body.append(dialog);
  document.getElementById("keys").addEventListener("click", () => dialog.showModal());
  let begun = -Infinity;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
    if (event.target.closest("input:not([type=range], [type=checkbox], [type=number]), textarea, select")) return;
    const place = PLACES[event.key];
    if (place && event.timeStamp - begun < SEQUENCE_MS) location.hash = place;
    else if (event.key === "?") dialog.showModal();
    else if (event.key === "/") search();
    else if (event.key !== "g") return;
    begun = event.key === "g" ? event.timeStamp : -Infinity;
    event.preventDefault();
  });
}

function search() {
  const field = document.querySelector("input[type=search]");
  if (field) field.focus();
  else location.hash = "#/";
}

function overview() {
  const close = h("button.small", { type: "button", onclick: () => dialog.close() }, "Close");
  const rows = SHORTCUTS.map(([keys, meaning]) =>
    h("div", {}, h("dt", {}, ...keys.split(" ").map((key) => (key === "then" ? " then " : h("kbd", {}, key)))), h("dd", {}, meaning)),
  );
  const dialog = h(
    "dialog.overview",
    { "aria-label": "Keys", onclick: (event) => event.target === dialog && dialog.close() },
    h("div.panelhead", {}, h("h2", {}, "Keys"), close),
    h("dl", {}, ...rows),
  );
  return dialog;
}
