// What goes wrong: presets for what people fear, and rules about calls and about how tasks end.

import * as api from "../common/api.js";
import { announce, h, poll } from "../common/dom.js";
import { PRESETS, rulesOf } from "../results/presets.js";
import { fieldsInWords, ruleForm, ruleList } from "./rules.js";

const KINDS = {
  drop_before_accept: "The connection closes; the call never happened.",
  drop_after_accept: "The call is carried out, then the connection closes without a word.",
  status: "The call is answered with a status and never happens.",
  delay: "The call waits, then is served.",
  truncate: "The call is carried out; half of the answer is sent.",
  malformed: "The call is carried out; the answer is broken JSON.",
};
const TIMES = { type: "integer", minimum: 1, description: "How often it happens; always, if not given." };
const PROBABILITY = { type: "number", minimum: 0, maximum: 1, default: 1, description: "How likely it is." };
const FAULT = {
  type: "object",
  required: ["fault"],
  properties: {
    fault: { enum: Object.keys(KINDS), description: "What goes wrong." },
    method: { enum: ["*", "GET", "POST", "DELETE"], default: "*", description: "Calls by this method." },
    path: { type: "string", default: "*", examples: ["/api/v3/*", "/api/v3/predictions/*", "/v1/*", "/_outputs/*"], description: "Calls to paths that match; * stands for anything." },
    status: { type: "integer", minimum: 200, maximum: 599, default: 500, description: "The answer's HTTP status." },
    headers: { type: "object", description: "The answer's headers, as a JSON object." },
    seconds: { type: "number", minimum: 0, maximum: 60, default: 0, description: "How long the call waits before it." },
    times: TIMES,
    probability: PROBABILITY,
  },
};
const OUTCOME = {
  type: "object",
  properties: {
    model: { type: "string", default: "*", description: "Tasks of models that match; * stands for anything." },
    prompt: { type: "string", description: "Tasks whose prompt holds this text." },
    code: { type: "integer", minimum: 1, default: 5000, description: "The error code: 1200 moderation, 1403 task failed, from 5000 on the platform's own, with a refund." },
    completes: { type: "boolean", default: false, description: "The task completes after all: only its time changes." },
    seconds: { type: "number", minimum: 0, description: "How long the task takes; as its kind does, if not given." },
    times: TIMES,
    probability: PROBABILITY,
  },
};
const ONLY_FOR = { status: ["status"], headers: ["status"] };

export async function showFaults(page) {
  const faults = ruleList({
    title: "Calls that go wrong",
    none: "Every call is served.",
    describe: (rule) => ({ tag: rule.fault, what: `${rule.method ?? "*"} ${rule.path ?? "*"}`, words: fieldsInWords(rule, "fault", "method", "path") }),
    load: api.faults,
    save: api.setFaults,
  });
  const outcomes = ruleList({
    title: "Tasks that end otherwise",
    none: "Every task completes, unless its prompt holds [[fail]].",
    describe: (rule) => ({ tag: rule.completes ? "completes" : `fails with ${rule.code ?? 5000}`, what: rule.model ?? "*", words: fieldsInWords(rule, "model", "code", "completes") }),
    load: api.outcomes,
    save: api.setOutcomes,
  });

  async function arm(preset) {
    const { fault, outcome } = rulesOf(preset);
    if (fault) await faults.put([fault, ...faults.rules]);
    if (outcome) await outcomes.put([outcome, ...outcomes.rules]);
    announce(`In force: ${preset.title}`);
  }

  page.append(
    h("h1", {}, "Faults"),
    h("p.dim", {}, "See what your program does when a call goes wrong: put a fault in force here and run the program. To see it on this page, choose the fault beside Submit in a model's form."),
    h("div.presets", { role: "group", "aria-label": "Presets" }, ...Object.values(PRESETS).map((preset) => card(preset, arm))),
    h("div.columns", {}, h("div.stack", {}, faults.element, faultForm(faults)), h("div.stack", {}, outcomes.element, outcomeForm(outcomes))),
  );
  const refresh = () => Promise.all([faults.refresh(), outcomes.refresh()]);
  await refresh();
  return poll(() => refresh().catch(() => {}));
}

function card(preset, arm) {
  const next = `For the next ${preset.outcome ? "task" : preset.times ? `${preset.times} calls` : "call"}`;
  return h(
    "div.preset",
    {},
    h("h2", {}, preset.title),
    h("p.dim", {}, preset.words),
    h("button.small", { type: "button", "aria-label": `${next}: ${preset.title}`, onclick: () => arm(preset) }, next),
  );
}

function faultForm(list) {
  return ruleForm({
    title: "A fault of your own",
    schema: FAULT,
    list,
    follow(form) {
      const { fault } = form.value;
      form.fields.known.get("fault").element.querySelector(".words").textContent = KINDS[fault] ?? FAULT.properties.fault.description;
      for (const [name, faults] of Object.entries(ONLY_FOR)) form.fields.known.get(name).element.hidden = !faults.includes(fault);
    },
    complete(rule) {
      for (const [name, faults] of Object.entries(ONLY_FOR)) if (!faults.includes(rule.fault)) delete rule[name];
      if (rule.fault === "status") rule.status ??= 500;
      if (rule.fault === "delay") rule.seconds ??= 1;
      return rule.fault ? [] : [{ pointer: "/fault", message: "is required" }];
    },
  });
}

function outcomeForm(list) {
  return ruleForm({
    title: "An outcome of your own",
    schema: OUTCOME,
    list,
    complete: () => [],
  });
}
