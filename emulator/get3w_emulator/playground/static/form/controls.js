// Which control a schema gets.

import { choice, json, nothing, number, text, toggle } from "./scalars.js";
import { list, object, union } from "./containers.js";
import { media } from "./media.js";
import { controlKind } from "./schema.js";

const CONTROLS = { choice, json, list, media, nothing, number, object, text, toggle, union };
const DEEPEST = 10;

/** Make the control of a flat schema; see `Field` for what a control is. */
export function makeControl(schema, context) {
  return CONTROLS[context.depth > DEEPEST ? "json" : controlKind(schema)](schema, context);
}
