// Faults: what goes wrong with which calls. A list of the rules in force, and a form for one more.

import * as api from "./api.js";
import { Form } from "./form.js";
import { h } from "./dom.js";

const KINDS = {
  drop_before_accept: "The connection closes; the call never happened.",
  drop_after_accept: "The call is carried out, then the connection closes without a word.",
  status: "The call is answered with a status and never happens.",
  delay: "The call waits, then is served.",
  truncate: "The call is carried out; half of the answer is sent.",
  malformed: "The call is carried out; the answer is broken JSON.",
};

// The form is made by the same code as those of the models.
const RULE = {
  type: "object",
  required: ["fault"],
  properties: {
    fault: { enum: Object.keys(KINDS), description: "What goes wrong." },
    method: { enum: ["*", "GET", "POST", "DELETE"], default: "*", description: "Calls by this method." },
    path: { type: "string", default: "*", examples: ["/api/v3/*", "/api/v3/predictions/*", "/v1/*", "/_outputs/*"], description: "Calls to paths that match; * stands for anything." },
    status: { type: "integer", minimum: 200, maximum: 599, default: 500, description: "The answer's HTTP status." },
    headers: { type: "object", description: "The answer's headers, as a JSON object." },
    seconds: { type: "number", minimum: 0, maximum: 60, default: 0, description: "How long the call waits before it." },
    times: { type: "integer", minimum: 1, description: "How often it happens; always, if not given." },
    probability: { type: "number", minimum: 0, maximum: 1, default: 1, description: "How likely it is." },
  },
};
const ONLY_FOR = { status: ["status"], headers: ["status"] };
const PAUSE = 1500;

export async function showFaults(page) {
  let rules = [];
  let stopped = false;
  const list = h("div.rows", { "aria-label": "Rules in force", role: "group" });
  const slot = h("div");
  let form;

  async function send(next) {
    await api.setFaults(next);
    draw(await api.faults());
  }
  function draw(now) {
    if (list.childElementCount && JSON.stringify(now) === JSON.stringify(rules)) return;
    rules = now;
    list.replaceChildren(
      ...(rules.length ? rules.map(line) : [h("p.empty", {}, "No rule: every call is served.")]),
    );
    clear.disabled = !rules.length;
  }
  function line(rule, index) {
    const { fault, method = "*", path = "*", ...rest } = rule;
    const more = Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
    return h(
      "div.line",
      {},
      h("span.tag.unsure", {}, fault),
      h("code.what", {}, `${method} ${path}`),
      h("span.words", {}, more.join(", ")),
      h("button.quiet.small", { type: "button", "aria-label": `Remove ${fault}`, onclick: () => send(rules.filter((_, at) => at !== index)) }, "Remove"),
    );
  }
  function fresh() {
    form = new Form(RULE, {}, changed);
    slot.replaceChildren(form.element);
    changed();
  }
  function changed() {
    const { fault } = form.value;
    form.fields.known.get("fault").element.querySelector(".words").textContent = KINDS[fault] ?? RULE.properties.fault.description;
    for (const [name, faults] of Object.entries(ONLY_FOR)) form.fields.known.get(name).element.hidden = !faults.includes(fault);
    form.apply([]);
  }
  async function add(event) {
    event.preventDefault();
    const rule = form.value;
    for (const [name, faults] of Object.entries(ONLY_FOR)) if (!faults.includes(rule.fault)) delete rule[name];
    if (rule.fault === "status") rule.status ??= 500;
    if (rule.fault === "delay") rule.seconds ??= 1;
    const missing = rule.fault ? [] : [{ pointer: "/fault", message: "is required" }];
    if (form.apply(missing)) return form.reveal(missing);
    const at = `/${rules.length}`;
    try {
      await send([...rules, rule]);
      fresh();
    } catch (error) {
      // The new rule is the last one: what is said of it belongs to this form.
      const own = error.details?.filter(({ pointer }) => pointer.startsWith(at)) ?? [];
      form.reveal(own.length ? own.map(({ pointer, message }) => ({ pointer: pointer.slice(at.length), message })) : [{ pointer: "", message: error.message }]);
    }
  }
  const clear = h("button.small", { type: "button", onclick: () => send([]) }, "Remove all");

  page.append(
    h("h1", {}, "Faults"),
    h("p.dim", {}, "See what your program does when a call goes wrong. The first rule that matches strikes; this page's own calls to the API are struck, too."),
    h(
      "div.columns",
      {},
      h("form.panel", { noValidate: true, "aria-label": "New rule", onsubmit: add }, h("div.panelhead", {}, h("h2", {}, "New rule")), slot, h("div.actions", {}, h("button.primary", { type: "submit" }, "Add the rule"))),
      h("section.panel", { "aria-label": "Rules in force" }, h("div.panelhead", {}, h("h2", {}, "In force"), clear), list),
    ),
  );
  fresh();
  draw(await api.faults());
  (async () => {
    while (!stopped) {
      await new Promise((done) => setTimeout(done, PAUSE));
      if (!stopped && !document.hidden) await api.faults().then(draw, () => {});
    }
  })();
  return () => (stopped = true);
}
