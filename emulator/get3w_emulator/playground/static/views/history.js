// What was submitted, by this page or any program: the emulator's ledger, newest first.

import * as api from "../common/api.js";
import { debounced, h, poll, reconcile, walk } from "../common/dom.js";
import { charge, clockTime, count, duration } from "../common/format.js";
import { taskLink } from "../common/link.js";
import { remember, remembered } from "../common/store.js";
import { STRUCK, faultTag } from "../results/struck.js";
import { statusTag, thumbnail } from "../results/thumbnail.js";

const SEARCH_PAUSE = 150;
const STATES = ["", "completed", "failed", "processing", "created", "deleted"];

export async function showHistory(page, _, query) {
  const said = h("p.dim.count", { role: "status" });
  const rows = h("div.rows.tasks");
  const search = h("input", {
    type: "search",
    placeholder: "Search: words, model, id, error",
    "aria-label": "Search the history",
    value: query.get("search") ?? "",
    oninput: debounced(() => look(), SEARCH_PAUSE),
  });
  const state = h("select", { "aria-label": "Status", onchange: () => look() }, ...STATES.map((each) => h("option", { value: each }, each || "any status")));
  const faults = { "": "any answer", any: "answer struck by a fault", ...Object.fromEntries(Object.entries(STRUCK).map(([kind, { mark }]) => [kind, mark])) };
  const fault = h("select", { "aria-label": "Fault", onchange: () => look() }, ...Object.entries(faults).map(([value, title]) => h("option", { value }, title)));
  const layouts = ["List", "Gallery"].map((name) => h("button.chip", { type: "button", onclick: () => lay(name) }, name));
  let made = new Map();
  let gallery = false;

  function lay(name) {
    gallery = name === "Gallery";
    remember("history", name);
    rows.className = gallery ? "gallery" : "rows tasks";
    layouts.forEach((button) => button.setAttribute("aria-pressed", String(button.textContent === name)));
    made = new Map();
    return look();
  }
  async function look() {
    const filter = { search: search.value, status: gallery ? "completed" : state.value, fault: fault.value };
    try {
      draw(await api.history(filter));
    } catch (error) {
      said.textContent = error.message;
    }
  }
  function draw({ total, tasks, most }) {
    said.textContent = tasks.length === most ? `The latest ${most} of ${count(total, "task")}` : tasks.length < total ? `${tasks.length} of ${count(total, "task")}` : count(total, "task");
    state.hidden = gallery;
    const next = new Map();
    const elements = tasks.map((task) => {
      const text = JSON.stringify(task);
      const known = made.get(task.id);
      const element = known?.text === text ? known.element : (gallery ? picture : row)(task);
      next.set(task.id, { text, element });
      return element;
    });
    made = next;
    const none = total ? "No task fits." : "Nothing was submitted yet. Calls of your own programs appear here, too.";
    reconcile(rows, elements.length ? elements : [h("p.empty", {}, none)]);
  }

  page.addEventListener("keydown", (event) => walk(event, search, () => [...rows.querySelectorAll("a")]));
  page.append(
    h("h1", {}, "History"),
    h("div.searchbar", {}, h("div.search", {}, search, h("kbd", { "aria-hidden": "true" }, "/")), state, fault, h("div.row", { role: "group", "aria-label": "Layout" }, ...layouts), said),
    rows,
  );
  await lay(remembered("history") === "Gallery" ? "Gallery" : "List");
  return poll(look);
}

function row(task) {
  return h(
    "a.task",
    { href: taskLink(task.id), className: task.error ? "task failed" : "task" },
    thumbnail(task),
    h("span.what", {}, task.model),
    h("span.words", { title: task.words }, task.error ? `${task.error} (code ${task.code})` : task.words),
    h("span.tags", {}, statusTag(task), faultTag(task)),
    h("span.number.took", { title: "How long it took, or runs by now" }, duration(task.seconds)),
    h("span.number.cost", {}, charge(task)),
    h("span.when.number", { title: task.accepted_at }, clockTime(task.accepted_at)),
  );
}

function picture(task) {
  return h("a.picture", { href: taskLink(task.id) }, thumbnail(task), h("span.what", {}, task.model), h("span.words", {}, task.words), faultTag(task));
}
