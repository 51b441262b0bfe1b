// Controls for single values: text, numbers, choices, toggles, and JSON for what has no control.

import { h, newId } from "../common/dom.js";

const WIDEST_SLIDER = 100_000;
const LONG_NAMES = /prompt|text|lyrics|description|script|message|system/;

export function text(schema, { value, changed, name }) {
  const long =
    schema["x-ui-component"] === "textarea" || LONG_NAMES.test(name) || schema.maxLength > 200 || /\n/.test(value ?? "");
  const input = h(long ? "textarea" : "input", {
    id: newId(),
    value: value === undefined ? "" : String(value),
    placeholder: shownDefault(schema) ?? "",
    spellcheck: long,
    autocomplete: "off",
    oninput: () => changed(Boolean(input.value)),
  });
  if (long) input.rows = 3;
  else input.type = "text";
  const suggestions = long ? null : datalist(input, schema.examples);
  const given = typeof value === "string" && !value; // an empty text that was given as JSON
  let empty = given;
  input.addEventListener("input", () => (empty = false), { capture: true });
  return {
    element: suggestions ? h("div", {}, input, suggestions) : input,
    target: input,
    read: () => (input.value || empty ? input.value : undefined),
    clear: () => {
      input.value = "";
      empty = false;
    },
  };
}

function datalist(input, examples) {
  const texts = Array.isArray(examples) ? examples.filter((each) => typeof each === "string") : [];
  if (!texts.length) return null;
  const element = h("datalist", { id: newId() }, ...texts.map((each) => h("option", { value: each })));
  input.setAttribute("list", element.id);
  return element;
}

export function number(schema, { value, changed, name }) {
  const { minimum, maximum } = schema;
  const whole = schema.type === "integer";
  const box = h("input", {
    id: newId(),
    type: "number",
    step: "any",
    inputmode: whole ? "numeric" : "decimal",
    value: value === undefined ? "" : String(value),
    placeholder: shownDefault(schema) ?? "",
    oninput: () => {
      follow();
      changed();
    },
  });
  const span = maximum - minimum;
  const slider =
    span > 0 && span <= WIDEST_SLIDER
      ? h("input", {
          type: "range",
          min: minimum,
          max: maximum,
          step: schema.multipleOf ?? (whole ? 1 : 10 ** (Math.floor(Math.log10(span)) - 2)),
          "aria-label": `${name}, slider`,
          oninput: () => {
            box.value = slider.value;
            follow();
            changed();
          },
        })
      : null;
  function follow() {
    if (!slider) return;
    slider.classList.toggle("unset", !box.value);
    slider.value = box.value || String(schema.default ?? minimum);
  }
  follow();
  return {
    element: slider ? h("div.ranged", {}, slider, box) : box,
    target: box,
    read: () => (box.value === "" ? undefined : Number(box.value)),
    problem: () => {
      if (box.validity.badInput || !Number.isFinite(Number(box.value))) return "is not a number";
      const exact = !/^-?\d+$/.test(box.value) || Number.isSafeInteger(Number(box.value));
      return exact ? null : "has more digits than a browser keeps; send it from a program";
    },
    clear: () => {
      box.value = "";
      follow();
    },
  };
}

export function choice(schema, { value, changed, required }) {
  const values = "const" in schema ? [schema.const] : [...schema.enum].filter((each) => required || each !== schema.default || each === value);
  let strange = value !== undefined && !values.includes(value);
  if (strange) values.push(value);
  const none = required ? "Choose…" : "default" in schema ? `${shown(schema.default)} (default)` : "not given";
  const select = h(
    "select",
    { id: newId(), onchange: () => changed() },
    h("option", { value: "" }, none),
    ...values.map((each, index) => h("option", { value: String(index), selected: each === value }, shown(each))),
  );
  return {
    element: select,
    target: select,
    read: () => (select.value === "" ? undefined : values[Number(select.value)]),
    clear: () => (select.value = ""),
  };
}

export function toggle(schema, { value, changed, required }) {
  let current = value;
  const box = h("input", { id: newId(), type: "checkbox", role: "switch", onchange: () => set(box.checked) });
  const words = h("span.dim", { "aria-hidden": "true" });
  function set(next) {
    current = next;
    show();
    changed();
  }
  function show() {
    box.checked = current ?? schema.default ?? false;
    box.classList.toggle("unset", current === undefined);
    const fallback = "default" in schema ? `${schema.default ? "on" : "off"} (default)` : "not given";
    words.textContent = current === undefined ? (required ? "choose" : fallback) : current ? "on" : "off";
  }
  show();
  return {
    element: h("label.toggle", {}, box, words),
    target: box,
    read: () => current,
    clear: () => {
      current = undefined;
      show();
    },
  };
}

/** For what no control fits: the value as JSON. */
export function json(schema, { value, changed }) {
  const area = h("textarea.code", {
    id: newId(),
    rows: 3,
    spellcheck: false,
    value: value === undefined ? "" : JSON.stringify(value, null, 2),
    placeholder: shownDefault(schema) ?? "JSON",
    oninput: () => changed(),
  });
  const parsed = () => {
    try {
      return { value: area.value.trim() ? JSON.parse(area.value) : undefined };
    } catch (error) {
      return { problem: `is not JSON: ${error.message}` };
    }
  };
  return {
    element: area,
    target: area,
    read: () => parsed().value,
    problem: () => parsed().problem ?? null,
    clear: () => (area.value = ""),
  };
}

/** The type whose only value is null. */
export function nothing() {
  return { element: h("span.dim", {}, "null"), read: () => null, clear: () => {} };
}

const shownDefault = (schema) => ("default" in schema ? shown(schema.default) : undefined);
const shown = (value) => (typeof value === "string" ? value : JSON.stringify(value));
