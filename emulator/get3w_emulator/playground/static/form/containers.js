// Controls that hold fields: objects, lists, and values that may take one of several forms.

import { h, newId } from "../common/dom.js";
import { Field } from "./field.js";
import { mediaListDrop } from "./media.js";
import { alternatives, flat, ordered, suits } from "./schema.js";

/** The fields of an object that is there: what the form itself is made of. */
export function fieldsOf(schema, { root, value = {}, changed, depth, make }) {
  const required = new Set(schema.required ?? []);
  const known = new Map();
  for (const name of ordered(schema)) {
    const described = schema.properties[name];
    if (described["x-hidden"] && !required.has(name) && !(name in value)) continue;
    known.set(
      name,
      new Field({ name, schema: described, root, required: required.has(name), value: value[name], changed, depth: depth + 1, make }),
    );
  }
  const others = Object.entries(value).filter(([name]) => !known.has(name));
  return {
    known,
    read: () => {
      const given = [...known].map(([name, field]) => [name, field.value]);
      return Object.fromEntries([...given, ...others].filter(([, each]) => each !== undefined));
    },
  };
}

export function object(schema, context) {
  const { required, changed, name } = context;
  const body = h("div.nested");
  let fields = null;
  const add = h("button.small", { type: "button", onclick: () => open({}) }, `Add ${name}`);
  function open(value, quietly) {
    fields = fieldsOf(schema, { ...context, value });
    body.replaceChildren(...[...fields.known.values()].map((field) => field.element));
    show();
    if (quietly) return;
    changed(false);
    body.querySelector("input, select, textarea")?.focus();
  }
  function show() {
    body.hidden = !fields;
    add.hidden = Boolean(fields);
  }
  const isObject = typeof context.value === "object" && context.value !== null && !Array.isArray(context.value);
  if (isObject || required) open(isObject ? context.value : {}, true);
  show();
  return {
    element: h("div", {}, add, body),
    read: () => fields?.read(),
    clear: () => {
      fields = null;
      show();
    },
    at: (step) => fields?.known.get(step),
    fields: () => fields?.known.values() ?? [],
  };
}

export function list(schema, context) {
  const { root, required, changed, name, depth, make } = context;
  const itemSchema = flat(root, withMedia(schema));
  let items = [];
  const body = h("ol.items");
  const add = h("button.small", { type: "button", onclick: () => append(undefined).focus() }, "Add an item");
  const drop = itemSchema["x-get3w-media"] ? mediaListDrop(itemSchema["x-get3w-media"], (url) => append(url)) : null;

  function append(value, quietly) {
    const field = new Field({ name: "item", schema: itemSchema, root, required: true, value, changed, depth: depth + 1, make });
    const row = h(
      "li.item",
      {},
      field.element,
      h("div.itemtools", {}, tool("↑", "Move up", () => move(field, -1)), tool("↓", "Move down", () => move(field, 1)), tool("✕", "Remove", () => remove(field))),
    );
    items.push({ field, row });
    body.append(row);
    relabel();
    if (!quietly) changed(value !== undefined);
    return field;
  }
  function tool(sign, label, onclick) {
    return h("button.quiet.small", { type: "button", title: label, "aria-label": label, onclick }, sign);
  }
  function move(field, by) {
    const at = items.findIndex((item) => item.field === field);
    const to = at + by;
    if (to < 0 || to >= items.length) return;
    items.splice(to, 0, ...items.splice(at, 1));
    const focused = document.activeElement;
    body.replaceChildren(...items.map((item) => item.row));
    focused?.focus();
    relabel();
    changed();
  }
  function remove(field) {
    items = items.filter((item) => item.field !== field);
    body.replaceChildren(...items.map((item) => item.row));
    relabel();
    changed();
    add.focus();
  }
  function relabel() {
    items.forEach(({ field, row }, index) => {
      field.element.querySelector(".name").textContent = `${name} ${index + 1}`;
      for (const button of row.querySelectorAll(".itemtools button")) {
        button.setAttribute("aria-label", `${button.title}: ${name} ${index + 1}`);
      }
    });
    body.hidden = !items.length;
    add.disabled = items.length >= (schema.maxItems ?? Infinity);
  }

  for (const value of Array.isArray(context.value) ? context.value : []) append(value, true);
  relabel();
  return {
    element: h("div", {}, body, h("div.row", {}, add, drop)),
    read: () => {
      if (!items.length) return required ? [] : undefined;
      // An item that is not filled in yet keeps its place, so that problems find theirs.
      return items.map(({ field }) => field.value ?? null);
    },
    clear: () => {
      items = [];
      body.replaceChildren();
      relabel();
    },
    at: (step) => items[Number(step)]?.field,
    fields: () => items.map(({ field }) => field),
  };
}

/** A list may say of its items that they are media. */
function withMedia({ items, "x-get3w-media": kind }) {
  return kind && items.type === "string" ? { "x-get3w-media": kind, ...items } : items;
}

export function union(schema, context) {
  const forms = alternatives(schema).map((each) => flat(context.root, each));
  let at = context.value === undefined ? -1 : forms.findIndex((form) => suits(form, context.value));
  if (at < 0) at = 0;
  const body = h("div.form-of");
  let control;
  const select = h(
    "select.forms",
    { id: newId(), "aria-label": `Form of ${context.name}`, onchange: () => choose(Number(select.value)) },
    ...forms.map((form, index) => h("option", { value: String(index), selected: index === at }, form.title ?? label(form))),
  );
  function choose(index, value, quietly) {
    at = index;
    select.value = String(index);
    // An alternative that one chose is meant to be given, so an object opens at once.
    control = context.make(forms[index], { ...context, value, required: context.required || !quietly, depth: context.depth + 1 });
    control.target?.setAttribute("aria-label", context.name);
    body.replaceChildren(control.element);
    if (!quietly) context.changed(false);
  }
  let cleared = context.value === undefined && !context.required && forms[at].type === "null";
  choose(at, context.value, true);
  select.addEventListener("change", () => (cleared = false), { capture: true });
  return {
    element: h("div.union", {}, select, body),
    read: () => (cleared ? undefined : control.read()),
    problem: () => control.problem?.() ?? null,
    clear: () => {
      const first = Math.max(0, forms.findIndex((form) => form.type !== "null"));
      choose(first, undefined, true);
    },
    at: (step) => control.at?.(step),
    fields: () => control.fields?.() ?? [],
  };
}

function label(form) {
  if (form["x-get3w-media"]) return form["x-get3w-media"];
  if ("const" in form) return JSON.stringify(form.const);
  if (form.enum) return `one of ${form.enum.length}`;
  if (form.type === "object") return `object: ${Object.keys(form.properties ?? {}).slice(0, 3).join(", ")}`;
  if (form.type === "array" && form.items?.type) return `list of ${form.items.type}`;
  return form.type ?? "JSON";
}
