// The form of a model: its fields, and every problem at the field it is about.

import { h } from "../common/dom.js";
import { fieldsOf } from "./containers.js";
import { makeControl } from "./controls.js";
import { flat } from "./schema.js";

export class Form {
  #revealed = false;

  /**
   * @param {object} schema the model's schema
   * @param {object} value what it starts with
   * @param {() => void} changed called after every change
   */
  constructor(schema, value, changed) {
    const root = flat(schema, schema);
    this.fields = fieldsOf(root, { root: schema, value, changed, depth: 0, make: makeControl });
    this.general = h("div.problem", { hidden: true, role: "alert" });
    const fields = [...this.fields.known.values()];
    const needed = fields.filter((field) => field.required);
    const optional = fields.filter((field) => !field.required);
    this.element = h(
      "div.form",
      {},
      this.general,
      ...needed.map((field) => field.element),
      needed.length > 0 && optional.length > 0 && h("h2.divider", {}, "Optional"),
      ...optional.map((field) => field.element),
    );
  }

  get value() {
    return this.fields.read();
  }

  /**
   * Show problems; those of fields that nobody has touched wait until `reveal()`.
   * @param {{pointer: string, message: string}[]} problems
   * @returns {number} how many there are
   */
  apply(problems) {
    const messages = new Map(this.#all().map((field) => [field, []]));
    const general = [];
    for (const [field, found] of messages) if (field.ownProblem) found.push(field.ownProblem);
    for (const { pointer, message } of problems) {
      const steps = pointer.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
      const field = this.fields.known.get(steps[0])?.at(steps.slice(1));
      if (!field) general.push(steps.length ? `${pointer}: ${message}` : message);
      else if (!field.ownProblem) messages.get(field).push(field.required && field.value === undefined ? "is required" : message);
    }
    this.wrong = [];
    for (const [field, found] of messages) {
      if (found.length) this.wrong.push(field);
      field.show(this.#revealed || field.touched ? [...new Set(found)] : []);
    }
    this.general.hidden = !general.length;
    this.general.textContent = general.join("; ");
    return this.wrong.length + general.length;
  }

  /** From now on show all problems, and go to the first. */
  reveal(problems) {
    this.#revealed = true;
    const count = this.apply(problems);
    if (this.wrong.length) this.wrong[0].focus();
    else if (count) this.general.scrollIntoView({ block: "center" });
  }

  #all() {
    return [...this.fields.known.values()].flatMap((field) => [...field.all()]);
  }
}
