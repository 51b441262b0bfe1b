// One field of a form: label, description, control, the button that takes the value back, and the
// place where its problems are shown.

import { h, newId } from "../common/dom.js";
import { flat, summary } from "./schema.js";

/**
 * A control, which `makeControl` makes, has:
 * - `element`, and `target`: the element that the label is for, if there is one
 * - `read()`: the value, or undefined for "not given"
 * - `clear()`: take the value back
 * - `problem()`, optional: why what was entered is no value at all
 * - `at(step)` and `fields()`, where it holds further fields: one of them, and all
 */
export class Field {
  touched = false;

  /**
   * @param {object} options
   * @param {string} options.name shown as the label
   * @param {object} options.schema
   * @param {object} options.root the whole schema, for references
   * @param {boolean} options.required
   * @param {*} options.value what it starts with; undefined for nothing
   * @param {() => void} options.changed called after every change
   * @param {number} options.depth how many fields it is inside of
   * @param {Function} options.make makes the control, and those inside it: `makeControl`
   */
  constructor({ name, schema, root, required, value, changed, depth = 0, make }) {
    this.schema = flat(root, schema);
    this.required = required;
    const describedBy = newId();
    this.error = h("p.error", { id: newId(), hidden: true });
    this.control = make(this.schema, {
      root,
      make,
      value,
      required,
      depth,
      name,
      describedBy: `${describedBy} ${this.error.id}`,
      changed: (touched = true) => {
        this.touched ||= touched;
        this.#showClear();
        changed();
      },
    });
    const { target } = this.control;
    const labelId = newId();
    const label = h(target ? "label.name" : "span.name", { for: target?.id, id: labelId }, name);
    if (target) {
      target.setAttribute("aria-describedby", `${describedBy} ${this.error.id}`);
      if (required) target.setAttribute("aria-required", "true");
      target.addEventListener("blur", () => (this.touched ||= this.value !== undefined));
    }
    this.clearButton = h("button.clear", { type: "button", title: "Do not give it", "aria-label": `Clear ${name}` }, "clear");
    this.clearButton.addEventListener("click", () => {
      this.control.clear();
      this.touched = true;
      this.#showClear();
      changed();
      (target ?? this.element.querySelector("input, select, textarea, button"))?.focus();
    });
    this.element = h(
      "div.field",
      { "data-field": name, role: target ? undefined : "group", "aria-labelledby": target ? undefined : labelId },
      h("div.head", {}, label, required && h("span.required", {}, "required"), h("span.kindof", {}, summary(this.schema)), this.clearButton),
      h("p.words", { id: describedBy, hidden: !this.schema.description }, this.schema.description ?? ""),
      this.control.element,
      this.error,
    );
    this.#showClear();
  }

  get value() {
    return this.control.read();
  }

  /** The field that a JSON pointer's steps lead to, or the last one on the way. */
  at(steps) {
    const inner = steps.length ? this.control.at?.(steps[0]) : undefined;
    return inner ? inner.at(steps.slice(1)) : this;
  }

  /** This field and all inside it. */
  *all() {
    yield this;
    for (const inner of this.control.fields?.() ?? []) yield* inner.all();
  }

  /** What is wrong with what was entered, before anybody judges the value. */
  get ownProblem() {
    return this.control.problem?.() ?? null;
  }

  /** Show problems, or none. */
  show(messages) {
    this.error.hidden = !messages.length;
    this.error.textContent = messages.join("; ");
    this.element.classList.toggle("wrong", messages.length > 0);
    const target = this.control.target;
    if (messages.length) target?.setAttribute("aria-invalid", "true");
    else target?.removeAttribute("aria-invalid");
  }

  focus() {
    const first = this.control.target ?? this.element.querySelector("input, select, textarea, button:not(.clear)");
    first?.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "center" });
  }

  #showClear() {
    // In sight only where there is something to take back.
    this.clearButton.hidden = this.required || this.value === undefined;
  }
}
