// The panel that shows how to make the same call elsewhere: in Python, by curl, or its JSON.

import { copyButton, h, newId } from "./dom.js";
import { remember, remembered } from "./store.js";

const TABS = { python: "Python", curl: "curl", json: "JSON" };

/**
 * @param {(input: object) => void} useInput called with JSON that somebody wrote
 * @returns {{element: Element, show: (checked: object) => void}}
 */
export function codePanel(useInput) {
  const texts = { python: "", curl: "", json: "" };
  let open = remembered("code");
  if (!(open in TABS)) open = "python";

  const code = h("code");
  const shown = h("pre.code", { tabIndex: 0 }, code);
  const area = h("textarea.code", { rows: 10, spellcheck: false, "aria-label": "The input as JSON", oninput: edited });
  const use = h("button.small", { type: "button", disabled: true, onclick: apply }, "Use in the form");
  const wrong = h("p.error", { hidden: true });
  const editor = h("div.editor", {}, area, h("div.row", {}, use, wrong));
  const note = h("p.dim.note");
  const env = `GET3W_BASE_URL=${location.origin}`;
  let certain = true;

  const panel = h("div", { role: "tabpanel", id: newId() }, shown, editor, note);
  const tabs = Object.entries(TABS).map(([name, title]) =>
    h("button.tab", { type: "button", role: "tab", id: newId(), "data-tab": name, "aria-controls": panel.id, onclick: () => choose(name) }, title),
  );
  const bar = h("div.tabs", { role: "tablist", "aria-label": "The call", onkeydown: walk }, ...tabs);
  const element = h("section.panel.callcode", {}, h("div.panelhead", {}, bar, copyButton(() => texts[open])), panel);

  function choose(name) {
    open = name;
    remember("code", name);
    draw();
  }
  function walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = Object.keys(TABS);
    choose(names[(names.indexOf(open) + step + names.length) % names.length]);
    tabs[names.indexOf(open)].focus();
  }
  function draw() {
    for (const tab of tabs) {
      const chosen = tab.dataset.tab === open;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) panel.setAttribute("aria-labelledby", tab.id);
    }
    shown.hidden = open === "json";
    editor.hidden = open !== "json";
    code.replaceChildren(...(open === "python" ? coloured(texts.python) : [texts[open]]));
    note.replaceChildren(...notes());
    note.hidden = open !== "python";
  }
  function notes() {
    const lines = [h("span", {}, "Runs here with ", h("code", {}, env), " and this emulator's key in ", h("code", {}, "GET3W_API_KEY"), "; with your own key alone, on Get3W.")];
    if (!certain) lines.push(h("span.bad", {}, " The model is not in names.lock.json, so its name follows the rule and may come out otherwise."));
    return lines;
  }
  function edited() {
    use.disabled = false;
    wrong.hidden = true;
  }
  function apply() {
    let value;
    try {
      value = JSON.parse(area.value);
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("it is not an object");
    } catch (error) {
      wrong.textContent = `Not usable: ${error.message}`;
      wrong.hidden = false;
      return;
    }
    use.disabled = true;
    useInput(value);
  }

  draw();
  return {
    element,
    show(checked, input) {
      texts.python = checked.python;
      texts.curl = checked.curl;
      texts.json = JSON.stringify(input, null, 2);
      certain = checked.name_is_certain;
      if (use.disabled) area.value = texts.json; // what is being written stays
      draw();
    },
  };
}

const TOKENS = /("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\b(from|import|print|None|True|False)\b|\b(\d+(?:\.\d+)?)\b/g;

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
