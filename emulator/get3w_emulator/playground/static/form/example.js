// A value that a schema is likely to accept, for whoever wants to see a model run at once.

import { alternatives, flat } from "./schema.js";

const ENDINGS = { image: "png", video: "mp4", audio: "wav" };
const WORDS = "a lighthouse at dusk, waves below";

/** What was given, and examples for the required parameters that were not. */
export function exampleInput(schema, given = {}) {
  const kept = Object.entries(given).filter(([, value]) => !Array.isArray(value) || value.length);
  return { ...object(schema, flat(schema, schema)), ...Object.fromEntries(kept) };
}

function object(root, schema) {
  const listed = schema.properties ?? {};
  const required = (schema.required ?? []).filter((name) => name in listed);
  return Object.fromEntries(required.map((name) => [name, example(root, listed[name], name)]));
}

function example(root, node, name) {
  const schema = flat(root, node);
  if ("const" in schema) return schema.const;
  for (const value of [schema.examples?.[0], schema.default, schema.enum?.[0]]) {
    if (value !== undefined) return value;
  }
  const forms = alternatives(schema);
  if (forms) return example(root, forms[0], name);
  const media = schema["x-get3w-media"];
  switch (schema.type) {
    case "string":
      return media ? `https://example.com/${name}.${ENDINGS[media]}` : words(schema, name);
    case "integer":
    case "number":
      return schema.minimum ?? Math.min(1, schema.maximum ?? 1);
    case "boolean":
      return true;
    case "array": {
      const item = media ? { "x-get3w-media": media, ...schema.items } : (schema.items ?? {});
      return Array.from({ length: schema.minItems ?? 1 }, () => example(root, item, name));
    }
    case "object":
      return object(root, schema);
    default:
      return null;
  }
}

function words({ minLength = 0, maxLength = Infinity }, name) {
  const text = /prompt|text|lyrics/.test(name) ? WORDS : name;
  return text.padEnd(minLength, ".").slice(0, maxLength);
}
