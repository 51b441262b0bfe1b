// The log of webhook deliveries.

import * as api from "./api.js";
import { clockTime, h } from "./dom.js";

const PAUSE = 1500;

export async function showWebhooks(page) {
  const rows = h("div.rows");
  let stopped = false;
  let known;

  function draw(answer) {
    const text = JSON.stringify(answer);
    if (text === known) return;
    known = text;
    const list = answer && (Array.isArray(answer) ? answer : (Object.values(answer).find(Array.isArray) ?? []));
    if (!list) rows.replaceChildren(h("p.empty", {}, "This emulator takes webhook addresses and does not deliver to them."));
    else if (!list.length) rows.replaceChildren(h("p.empty", {}, "No delivery yet. Give a webhook address with a submit: it is told when the prediction ends."));
    else rows.replaceChildren(...[...list].reverse().map(delivery));
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

/** One delivery; what it is made of is shown as it is. */
function delivery(each) {
  const status = each.status ?? each.status_code ?? each.error ?? "";
  const when = each.delivered_at ?? each.sent_at ?? each.at ?? each.created_at;
  const good = /^2\d\d$|^delivered$|^ok$/.test(String(status));
  return h(
    "details.line",
    {},
    h(
      "summary",
      {},
      h("span.when.number", {}, when ? clockTime(when) : ""),
      h("span.tag", { className: good ? "tag good" : "tag unsure" }, String(status) || "sent"),
      h("span.what", {}, each.url ?? ""),
    ),
    h("pre.code", { tabIndex: 0 }, JSON.stringify(each, null, 2)),
  );
}
