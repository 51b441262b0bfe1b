// Rules in force: a list that shows and removes them, and a form for one more.

import { Form } from "../form/form.js";
import { h } from "../common/dom.js";

/**
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.none what is shown where there is no rule
 * @param {(rule: object) => {tag: string, what: string, words: string}} options.describe
 * @param {() => Promise<object[]>} options.load
 * @param {(rules: object[]) => Promise} options.save
 */
export function ruleList({ title, none, describe, load, save }) {
  let rules = [];
  let known = "";
  const list = h("div.rows");
  const clear = h("button.small", { type: "button", "aria-label": `Remove all: ${title}`, onclick: () => put([]) }, "Remove all");
  const element = h("section.panel", { "aria-label": title }, h("div.panelhead", {}, h("h2", {}, title), clear), list);

  async function put(next) {
    await save(next);
    await refresh();
  }
  async function refresh() {
    rules = await load();
    const now = JSON.stringify(rules);
    if (known === now) return;
    known = now;
    clear.disabled = !rules.length;
    list.replaceChildren(...(rules.length ? rules.map(line) : [h("p.empty", {}, none)]));
  }
  function line(rule, index) {
    const { tag, what, words } = describe(rule);
    const remove = () => put(rules.filter((_, at) => at !== index));
    return h(
      "div.line",
      {},
      h("span.tag.unsure", {}, tag),
      h("code.what", {}, what),
      h("span.words", {}, words),
      h("button.quiet.small", { type: "button", "aria-label": `Remove ${tag}`, onclick: remove }, "Remove"),
    );
  }
  return { element, refresh, put, get rules() { return rules; } };
}

/** All fields of a rule but those named, as words. */
export const fieldsInWords = (rule, ...without) =>
  Object.entries(rule)
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(", ");

/**
 * A form for one more rule; it is made by the same code as the forms of the models.
 * @param {object} options
 * @param {string} options.title
 * @param {object} options.schema of a rule
 * @param {ReturnType<ruleList>} options.list
 * @param {(form: Form) => void} [options.follow] called after every change
 * @param {(rule: object) => object[]} options.complete makes a rule whole; returns problems
 */
export function ruleForm({ title, schema, list, follow = () => {}, complete }) {
  const slot = h("div");
  let form;

  function fresh() {
    form = new Form(schema, {}, changed);
    slot.replaceChildren(form.element);
    changed();
  }
  function changed() {
    follow(form);
    form.apply([]);
  }
  async function add(event) {
    event.preventDefault();
    const rule = form.value;
    const missing = complete(rule);
    if (form.apply(missing)) return form.reveal(missing);
    const at = `/${list.rules.length}`;
    try {
      await list.put([...list.rules, rule]);
      fresh();
    } catch (error) {
      // The new rule is the last one: what is said of it belongs to this form.
      const own = error.details?.filter(({ pointer }) => pointer.startsWith(at)) ?? [];
      form.reveal(own.length ? own.map(({ pointer, message }) => ({ pointer: pointer.slice(at.length), message })) : [{ pointer: "", message: error.message }]);
    }
  }
  fresh();
  return h(
    "details.panel.custom",
    {},
    h("summary", {}, title),
    h("form", { noValidate: true, "aria-label": title, onsubmit: add }, slot, h("div.row", {}, h("button.primary", { type: "submit" }, "Add the rule"))),
  );
}
