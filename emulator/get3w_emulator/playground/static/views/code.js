// The panel that shows how to make the same call elsewhere: in Python, by curl, or its JSON.

import { copyButton, h, newId } from "../common/dom.js";
import { remember, remembered } from "../common/store.js";

const TITLES = { python: "Python", async: "Async", request: "Typed request", command: "Command line", curl: "curl", json: "JSON" };
const OF_PYTHON = ["python", "async", "request"];

/**
 * @param {string|null} key the emulator's key, if the page knows it
 * @param {(input: object) => void} useInput called with JSON that somebody wrote
 * @returns {{element: Element, show: (calls: object|null, input: object, certain: boolean) => void}}
 *   `show` with no calls says that the form has problems: a call that cannot run is not shown
 */
export function codePanel(key, useInput) {
  let texts = { json: "" };
  let open = remembered("code") ?? "python";
  let certain = true;

  const code = h("code");
  const shown = h("pre.code.call", { tabIndex: 0 }, code);
  const area = h("textarea.code", { rows: 10, spellcheck: false, "aria-label": "The input as JSON", oninput: edited });
  const use = h("button.small", { type: "button", disabled: true, onclick: apply }, "Use in the form");
  const wrong = h("p.error", { hidden: true });
  const editor = h("div.editor", {}, area, h("div.row", {}, use, wrong));
  const missing = h("p.empty", {}, "The form has problems. Its call is shown once it can run.");
  const note = h("div.note");
  const panel = h("div", { role: "tabpanel", id: newId() }, shown, missing, editor, note);
  const bar = h("div.tabs", { role: "tablist", "aria-label": "The call", onkeydown: walk });
  const copy = copyButton(() => texts[open], "Copy", "Copy the call");
  const element = h("section.panel.callcode", { "aria-label": "The call" }, h("div.panelhead", {}, bar, copy), panel);
  let tabs = new Map();

  function makeTabs(names) {
    if (names.join() === [...tabs.keys()].join()) return;
    tabs = new Map(
      names.map((name) => [
        name,
        h("button.tab", { type: "button", role: "tab", id: newId(), "aria-controls": panel.id, onclick: () => choose(name) }, TITLES[name]),
      ]),
    );
    bar.replaceChildren(...tabs.values());
    if (!tabs.has(open)) open = names[0];
  }
  function choose(name) {
    open = name;
    remember("code", name);
    draw();
  }
  function walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = [...tabs.keys()];
    choose(names[(names.indexOf(open) + step + names.length) % names.length]);
    tabs.get(open).focus();
  }
  function draw() {
    for (const [name, tab] of tabs) {
      const chosen = name === open;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) panel.setAttribute("aria-labelledby", tab.id);
    }
    const there = open in texts;
    const text = there ? texts[open] : "";
    editor.hidden = open !== "json";
    shown.hidden = open === "json" || !there;
    missing.hidden = there;
    copy.hidden = !there;
    code.replaceChildren(...(OF_PYTHON.includes(open) ? coloured(text) : [text]));
    note.hidden = !there || open === "json" || open === "curl";
    note.replaceChildren(...(note.hidden ? [] : running()));
  }
  function running() {
    const file = OF_PYTHON.includes(open) ? "python program.py" : "";
    const line = `GET3W_BASE_URL=${location.origin} GET3W_API_KEY=${key ?? "…"}`;
    return [
      h("div.row.apart", {}, h("span.dim", {}, file ? "Run it on this emulator:" : "On this emulator, with:"), key && copyButton(() => `${line} ${file}`.trim(), "Copy", "Copy how to run it")),
      h("pre.code.wrap", { tabIndex: 0, "aria-label": "How to run it" }, `${line} ${file}`.trim()),
      h("p.dim", {}, "It needs ", h("code", {}, "pip install get3w-models"), "."),
      h("p.dim", {}, "With your own key alone it runs on Get3W."),
      !certain && OF_PYTHON.includes(open) && h("p.bad", {}, "The model is not in names.lock.json, so its name follows the rule and may come out otherwise."),
    ].filter(Boolean);
  }
  function edited() {
    use.disabled = false;
    wrong.hidden = true;
  }
  function apply() {
    try {
      const value = JSON.parse(area.value);
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is not an object");
      use.disabled = true;
      useInput(value);
    } catch (error) {
      wrong.textContent = `Not usable: ${error.message}`;
      wrong.hidden = false;
    }
  }

  makeTabs(["python", "async", "request", "curl", "json"]);
  draw();
  return {
    element,
    show(calls, input, nameIsCertain) {
      texts = { ...calls, json: JSON.stringify(input, null, 2) };
      certain = nameIsCertain;
      if (calls) makeTabs([...Object.keys(TITLES).filter((name) => name in texts)]);
      if (use.disabled) area.value = texts.json; // what is being written stays
      draw();
    },
  };
}

const TOKENS = /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\b(from|import|print|async|await|def|None|True|False)\b|\b(\d+(?:\.\d+)?)\b/g;

/** Python with strings, words and numbers in colour. */
function coloured(text) {
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(TOKENS)) {
    parts.push(text.slice(last, match.index));
    parts.push(h(match[1] ? "span.string" : match[2] ? "span.word" : "span.digits", {}, match[0]));
    last = match.index + match[0].length;
  }
  return [...parts, text.slice(last)];
}
