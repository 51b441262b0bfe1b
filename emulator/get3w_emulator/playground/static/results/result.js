// The panel of a model's page that shows what came of a submit, and the model's earlier runs.

import * as api from "../common/api.js";
import { h } from "../common/dom.js";
import { clockTime } from "../common/format.js";
import { historyLink, taskLink } from "../common/link.js";
import { judged } from "./policies.js";
import { follow } from "./prediction.js";
import { PRESETS, faultHeader, rulesOf } from "./presets.js";
import { STRUCK } from "./struck.js";
import { thumbnail } from "./thumbnail.js";
import { verdict } from "./verdict.js";

const EARLIER = 6;

/** @param {object} model as the emulator describes it */
export function resultPanel(model) {
  const body = h("div", {}, h("p.empty", {}, "Submit the form to see what comes back."));
  const all = h("a", { href: historyLink(model.id), hidden: true }, "All runs");
  const strip = h("div.strip", { hidden: true, role: "group", "aria-label": "Latest runs of this model" });
  const title = h("h2", {}, "Result");
  const element = h("section.panel.result", { "aria-label": "Result" }, h("div.panelhead", {}, title, strip, all), body);
  let following = null;
  let ended = "";

  /** Show a task until another is shown, below what was seen of its submit. */
  function showTask(id, ...above) {
    following?.stop();
    ended = "";
    following = follow(id, (task) => {
      if (task.status !== ended && task.ended_at) listRuns();
      ended = task.status;
    });
    body.replaceChildren(...above, following.element);
  }

  /** Submit once and show what comes back. */
  async function run(request, presetName) {
    const preset = PRESETS[presetName];
    following?.stop();
    title.textContent = "Result";
    body.replaceChildren(h("p.dim", { role: "status" }, preset ? `Sending, and what goes wrong is: ${preset.title}…` : "Sending…"));
    try {
      if (preset?.outcome) await api.setOutcomes([rulesOf(preset).outcome, ...(await api.outcomes())]);
      const sent = await api.send(request, faultHeader(preset));
      showSent(sent, preset);
      listRuns();
    } catch (error) {
      body.replaceChildren(refused(error));
    }
    const { top } = element.getBoundingClientRect();
    if (top < 0 || top > innerHeight - 80) element.scrollIntoView({ behavior: "smooth" });
  }

  function showSent(sent, preset) {
    const { kind, id } = judged(sent.seen);
    if (kind === "accepted" && !preset?.fault) return showTask(id);
    const both = verdict(sent, model, preset);
    const task = sent.ledger[0];
    if (sent.seen.status === 401) api.forgetKey();
    if (task) showTask(task.id, both, h("h3", {}, "The task in the ledger"));
    else body.replaceChildren(both);
  }

  async function listRuns() {
    const { tasks } = await api.history({ model: model.id });
    strip.hidden = tasks.length < 2;
    all.hidden = !tasks.length;
    strip.replaceChildren(
      ...tasks.slice(0, EARLIER).map((task) => h("a", { href: taskLink(task.id), title: task.words, "aria-label": `Run of ${clockTime(task.accepted_at)}, ${task.status}${task.fault ? `, ${STRUCK[task.fault]?.mark ?? task.fault}` : ""}`, className: task.fault ? "struck" : "" }, thumbnail(task))),
    );
    return tasks;
  }

  return {
    element,
    run,
    /** Show the latest run of this model, by whatever program, if there is one. */
    async showLatest() {
      const [latest] = await listRuns();
      if (!latest) return;
      title.textContent = "Latest result";
      showTask(latest.id);
    },
    stop: () => following?.stop(),
  };
}

function refused(error) {
  const details = error.details.map((each) => h("li", {}, each.pointer ? `${each.pointer}: ${each.message}` : each.message));
  return h("div.problem", { role: "alert" }, h("p", {}, error.message), details.length > 0 && h("ul", {}, ...details));
}
