// Searching the models: all that is known of them, ranked by where and how well the words match.

/** How much a match in each part of a model counts. */
const WEIGHTS = { name: 10, python: 9, id: 8, owner: 6, kind: 5, facts: 2, description: 2 };
const PRICE = /(<=?|\bunder)\s*\$?\s*(\d*\.?\d+)/;
const LEAST = 1e-9; // less than any two prices differ by

/** Prepare models for `ranked`. */
export const indexed = (models) => models.map((model) => ({ model, parts: parts(model) }));

function parts(model) {
  const [owner, ...rest] = model.id.split("/");
  const own = rest.join("/") || owner;
  const joined = model.name.replaceAll("_", "");
  return Object.entries({
    name: `${own} ${spaced(own)}`,
    python: `submit_${model.name} submit_${model.name}_async ${joined}request`,
    id: model.id,
    owner,
    kind: `${model.kind} ${spaced(model.kind)}`,
    facts: [
      model.documented ? "confirmed on get3w" : "not confirmed",
      model.price === null ? "price unknown" : `$${model.price}`,
      `${model.parameters} parameters`,
    ].join(" "),
    description: model.description,
  }).map(([part, text]) => [WEIGHTS[part], text.toLowerCase()]);
}

const spaced = (text) => text.replace(/[^\p{L}\p{N}]+/gu, " ");

/** A query as words, and the price that it names as the most: `video <0.30`, `video <=0.30`. */
export function parsed(query) {
  const most = PRICE.exec(query.toLowerCase());
  const words = query.toLowerCase().replace(PRICE, " ").split(/\s+/).filter(Boolean);
  if (!most) return { words, most: Infinity };
  return { words, most: Number(most[2]) - (most[1] === "<=" ? 0 : LEAST) };
}

/**
 * The models that match all words, the best first; equals stay in their order.
 * @returns {object[]} models
 */
export function ranked(entries, words) {
  if (!words.length) return entries.map(({ model }) => model);
  const found = [];
  for (const { model, parts: each } of entries) {
    let score = 0;
    for (const word of words) {
      const best = bestOf(each, word);
      score = best ? score + best : -Infinity;
    }
    if (score > 0) found.push({ model, score });
  }
  found.sort((one, other) => other.score - one.score);
  return found.map(({ model }) => model);
}

/** How well a word matches: whole words count more than beginnings, these more than the rest. */
function bestOf(parts, word) {
  let best = 0;
  for (const [weight, text] of parts) {
    const at = text.indexOf(word);
    if (at < 0) continue;
    const whole = ` ${text} `.includes(` ${word} `);
    const begins = at === 0 || text[at - 1] === " " || text[at - 1] === "/";
    best = Math.max(best, weight * (whole ? 3 : begins ? 2 : 1));
  }
  return best;
}

/** Whether a model is known to cost no more than `most`. */
export const affordable = (model, most) => most === Infinity || (model.price !== null && model.price <= most);
