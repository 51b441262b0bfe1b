// Reading a schema for the form. Judging values is the emulator's: nothing here decides that.

/** The schema with its references followed and its `allOf` parts laid over one another. */
export function flat(root, schema, depth = 0) {
  if (typeof schema !== "object" || schema === null) return {};
  if (depth > 20) return schema;
  let result = schema;
  if (typeof schema.$ref === "string") {
    const { $ref, ...beside } = schema;
    result = { ...flat(root, target(root, $ref), depth + 1), ...beside };
  }
  for (const part of Array.isArray(result.allOf) ? result.allOf : []) {
    if (part.if) continue; // says something only now and then
    const other = flat(root, part, depth + 1);
    result = {
      ...other,
      ...result,
      ...(other.properties && { properties: { ...other.properties, ...result.properties } }),
      ...(other.required && { required: [...(result.required ?? []), ...other.required] }),
    };
  }
  return result;
}

function target(root, reference) {
  let found = root;
  for (const step of reference.replace(/^#/, "").split("/").slice(1)) {
    found = found?.[decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return found ?? {};
}

/** Which control a (flat) schema gets. */
export function controlKind(schema) {
  if ("const" in schema || Array.isArray(schema.enum)) return "choice";
  if (alternatives(schema)) return "union";
  switch (schema.type) {
    case "boolean":
      return "toggle";
    case "integer":
    case "number":
      return "number";
    case "string":
      return schema["x-get3w-media"] ? "media" : "text";
    case "array":
      return schema.items ? "list" : "json";
    case "object":
      return schema.properties ? "object" : "json";
    case "null":
      return "nothing";
    default:
      return "json";
  }
}

/** The schemas a value may follow one of, or null where there is only one. */
export function alternatives(schema) {
  const { anyOf, oneOf, type, ...shared } = schema;
  if (Array.isArray(type)) {
    return type.length > 1 ? type.map((each) => ({ ...schema, type: each })) : null;
  }
  const parts = anyOf ?? oneOf;
  if (!Array.isArray(parts) || !parts.length || schema.properties || schema.items) return null;
  const { description, title, default: _, ...constraints } = shared;
  return parts.map((part) => ({ ...(type && { type }), ...constraints, ...part }));
}

/** The properties of an object in their order: required ones first. */
export function ordered(schema) {
  const listed = schema.properties ?? {};
  const stated = (schema["x-order-properties"] ?? []).filter((name) => name in listed);
  const names = [...new Set([...stated, ...Object.keys(listed)])];
  const required = new Set(schema.required ?? []);
  return [...names.filter((name) => required.has(name)), ...names.filter((name) => !required.has(name))];
}

/** What kind of value a schema takes, in a few words. */
export function summary(schema) {
  const parts = [];
  const type = schema["x-get3w-media"] ?? schema.type;
  if (type) parts.push([].concat(type).join(" or "));
  const { minimum, maximum, minLength, maxLength, minItems, maxItems, multipleOf } = schema;
  parts.push(range(minimum, maximum, ""), range(minLength, maxLength, " characters"), range(minItems, maxItems, " items"));
  if (multipleOf !== undefined && multipleOf !== 1) parts.push(`in steps of ${multipleOf}`);
  return parts.filter(Boolean).join(" · ");
}

function range(least, most, unit) {
  if (least === undefined && most === undefined) return "";
  if (least === undefined) return `at most ${most}${unit}`;
  if (most === undefined) return `at least ${least}${unit}`;
  return `${least} to ${most}${unit}`;
}

/** Whether a value is of the type that a schema names: enough to choose among alternatives. */
export function suits(schema, value) {
  if ("const" in schema) return schema.const === value;
  if (schema.enum) return schema.enum.includes(value);
  const type = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  if (schema.type === "integer") return Number.isInteger(value);
  if (schema.type && schema.type !== type) return false;
  return type !== "object" || (schema.required ?? []).every((name) => name in value);
}
