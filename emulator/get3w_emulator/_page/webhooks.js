// The log of webhook deliveries.

import * as api from "./api.js";
import { clockTime, h } from "./dom.js";

const MOST = 200;
const PAUSE = 1500;

export async function showWebhooks(page) {
  const rows = h("div.rows");
  let stopped = false;
  let known;

  function draw(answer) {
    const text = JSON.stringify(answer);
    if (text === known) return;
    known = text;
    if (!answer) rows.replaceChildren(h("p.empty", {}, "This emulator takes webhook addresses and does not deliver to them."));
    else if (!answer.deliveries.length) rows.replaceChildren(h("p.empty", {}, "No delivery yet. Give a webhook address with a submit: it is told when the prediction ends."));
    else rows.replaceChildren(...answer.deliveries.slice(-MOST).reverse().map(delivery));
  }
  async function keepUp() {
    while (!stopped && known !== "null") {
      await new Promise((done) => setTimeout(done, PAUSE));
      if (!stopped && !document.hidden) await api.deliveries().then(draw, () => {});
    }
  }

  page.append(h("h1", {}, "Webhooks"), rows);
  draw(await api.deliveries());
  keepUp();
  return () => (stopped = true);
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
