// The log of webhook deliveries.

import * as api from "../common/api.js";
import { h, poll } from "../common/dom.js";
import { clockTime } from "../common/format.js";

const MOST = 200;

export async function showWebhooks(page) {
  const rows = h("div.rows");
  let known = "";

  function draw(attempts) {
    const text = JSON.stringify([attempts.length, attempts.at(-1)]);
    if (text === known) return;
    known = text;
    const none = h("p.empty", {}, "No delivery yet. Give a webhook address with a submit: it is called when the task ends.");
    rows.replaceChildren(...(attempts.length ? attempts.slice(-MOST).reverse().map(delivery) : [none]));
  }
  page.append(h("h1", {}, "Webhooks"), rows);
  draw(await api.deliveries());
  return poll(() => api.deliveries().then(draw, () => {}));
}

/** One attempt: what became of it, and what was tried. */
export function delivery(attempt) {
  const { status, error, url, last, prediction_id: prediction, sent_at: at, attempt: number } = attempt;
  const good = status >= 200 && status < 300;
  const outcome = good ? `delivered, ${status}` : status ? `refused, ${status}` : "no answer";
  const next = good || !last ? "" : "given up";
  return h(
    "div.line.delivery",
    {},
    h("span.when.number", { title: at }, clockTime(at)),
    h(`span.tag.${good ? "good" : "unsure"}`, {}, outcome),
    h("code.what", {}, url),
    h("span.words", {}, [`attempt ${number}`, error, next].filter(Boolean).join(", ")),
    h("a", { href: `#/history/${prediction}`, "aria-label": `Open prediction ${prediction}` }, "Open"),
  );
}
