// A task while it runs and when it is done, from the emulator's ledger.

import { task as ask } from "../common/api.js";
import { charge, duration } from "../common/format.js";
import { announce, copyButton, h } from "../common/dom.js";
import { taskLink } from "../common/link.js";
import { outputs } from "./outputs.js";
import { faultNote } from "./struck.js";

const STEPS = ["created", "processing", "completed"];
const ENDED = ["completed", "failed", "cancelled", "timeout", "deleted"];
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 1500;

/**
 * Follow a task until it ends.
 * @param {string} id
 * @param {(task: object) => void} [seen] called with each state, as the ledger shows it
 * @returns {{element: Element, stop: () => void}}
 */
export function follow(id, seen = () => {}) {
  const steps = h("ol.steps", { "aria-label": "Status" });
  const time = h("span.dim.number");
  const struck = h("div");
  const body = h("div.outputs");
  const name = h("code", {}, id);
  // On its own page a task would be a link that leads nowhere else.
  const shownId = location.hash === taskLink(id) ? h("span.id", {}, name) : h("a.id", { href: taskLink(id) }, name);
  const cost = h("p.cost");
  const raw = h("code");
  const element = h(
    "div.prediction",
    {},
    h("div.row.apart", {}, steps, time),
    struck,
    body,
    cost,
    h("div.row.idline", {}, shownId, copyButton(() => id, "Copy id")),
    h("details", {}, h("summary", {}, "Answer"), h("pre.code", { tabIndex: 0 }, raw)),
  );
  let stopped = false;
  let last = "";

  function show(task) {
    const now = task.prediction;
    raw.textContent = JSON.stringify(now, null, 2);
    time.textContent = `${task.ended_at ? "took" : "runs for"} ${duration(task.seconds)}`;
    time.title = now.timings?.inference === undefined ? "" : `${duration(now.timings.inference / 1000)} of it inference`;
    seen(task);
    if (task.status === last) return;
    last = task.status;
    announce(`Task ${task.status}`);
    drawSteps(steps, task.status);
    element.dataset.status = task.status;
    cost.textContent = costWords(task);
    struck.replaceChildren(...[faultNote(task)].filter(Boolean));
    body.replaceChildren(...content(task, now));
  }

  async function run() {
    for (let pause = FIRST_PAUSE; !stopped; pause = Math.min(pause * 1.2, LONGEST_PAUSE)) {
      try {
        const task = await ask(id);
        if (stopped) return;
        show(task);
        if (ENDED.includes(task.status)) return;
      } catch (error) {
        if (stopped) return;
        if (error.status === 404) return body.replaceChildren(h("p.dim", {}, "It is no longer there: the emulator was reset."));
        body.replaceChildren(h("div.problem", { role: "alert" }, `${error.message} Asking again…`));
        last = "";
      }
      await new Promise((done) => setTimeout(done, pause));
    }
  }
  run();
  return { element, stop: () => (stopped = true) };
}

function content(task, now) {
  if (task.error) return [h("div.problem", { role: "alert" }, `${task.error} (code ${task.code})`)];
  if (task.status === "completed") {
    const made = outputs(now.outputs ?? []);
    return made.length ? made : [h("p.dim", {}, "It has no outputs.")];
  }
  if (task.status === "deleted") return [h("p.dim", {}, "It was deleted. The ledger keeps the task and its charge.")];
  return [h("div.waiting", { "aria-hidden": "true" })];
}

function costWords(task) {
  const why = !task.error ? "" : task.refunded ? ": the failure is the platform's own" : ": the failure is not the platform's, so the charge stays";
  return `Charged ${charge(task)}${why}.`;
}

function drawSteps(list, status) {
  const names = STEPS.includes(status) ? STEPS : [...STEPS.slice(0, 2), status];
  const at = names.indexOf(status);
  list.replaceChildren(
    ...names.map((name, index) => {
      const state = index > at ? "todo" : index < at || ENDED.includes(name) ? "done" : "now";
      const bad = name === status && !STEPS.includes(name);
      return h(`li.${bad ? "bad" : state}`, { "aria-current": index === at ? "step" : undefined }, name);
    }),
  );
}
