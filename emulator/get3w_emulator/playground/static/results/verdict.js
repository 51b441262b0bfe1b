// One submit from both sides: what the caller saw, what the ledger has, and what clients of
// several kinds would have made of it.

import { charge, count, dollars } from "../common/format.js";
import { h } from "../common/dom.js";
import { taskLink } from "../common/link.js";
import { judged, policies } from "./policies.js";

const SLOW = 3;
const MOST_SHOWN = 10_000;

/**
 * @param {{seen: object, ledger: object[]}} sent as `api.send` returns it
 * @param {object} model its charge tells what a second task costs
 * @param {object} [preset] the fault that was chosen for this submit
 */
export function verdict({ seen, ledger }, model, preset) {
  const { kind, words, id } = judged(seen);
  return h(
    "div.verdict",
    {},
    preset && h("p.dim", {}, `Fault of this submit: ${preset.title}. The next one goes without a fault.`),
    h(
      "div.sides",
      {},
      h(
        "section",
        { "aria-label": "What the caller saw" },
        h("h3", {}, "What the caller saw"),
        h("p", { className: kind === "accepted" ? "" : "bad" }, words),
        h("p.dim", {}, seen.seconds < 0.05 ? "at once" : `after ${seen.seconds.toFixed(1)} s`),
        seen.body && h("details", {}, h("summary", {}, seen.end === "cut" ? "What arrived" : "Answer"), h("pre.code", { tabIndex: 0 }, seen.body.slice(0, MOST_SHOWN))),
      ),
      h(
        "section",
        { "aria-label": "What the ledger has" },
        h("h3", {}, "What the ledger has"),
        h("p.dim", {}, "The ledger is the emulator's list of the tasks that it accepted and charged."),
        ...(ledger.length ? ledger.map(entry) : [h("p.ok", {}, "Nothing: no task was accepted, nothing is charged.")]),
      ),
    ),
    h("h3", {}, "What clients would have done"),
    kind === "accepted" && seen.seconds >= SLOW && h("p", {}, `A client that waits less than ${seen.seconds.toFixed(1)} s sees no answer: get3w_models raises SubmitOutcomeUnknownError and get3w_core.reconcile(error) finds the task; one that repeats pays twice.`),
    table(policies(kind, ledger.length, id), model),
  );
}

function entry(task) {
  return h("p", {}, `A task, charged ${charge(task)}: `, h("a", { href: taskLink(task.id) }, h("code", {}, task.id)));
}

function table(rows, model) {
  return h(
    "table.policies",
    {},
    h("thead", {}, h("tr", {}, ...["Client", "Then", "Paid for"].map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.name), h("td", {}, row.does), paid(row, model)))),
  );
}

function paid({ tasks, known, found = false }, model) {
  const bad = tasks > 1 || !(known || found);
  const lost = tasks > 1 ? ", one of them unknown" : found ? ", found by reconcile" : ", its id unknown";
  return h("td", { className: bad ? "bad" : "ok" }, `${count(tasks, "task")}, ${dollars(tasks * model.charge)}${known || !tasks ? "" : lost}`);
}
