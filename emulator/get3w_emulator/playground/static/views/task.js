// One task of the history: what was sent, what came of it, and what can be done with it next.

import * as api from "../common/api.js";
import { copyButton, h, inPath } from "../common/dom.js";
import { clockTime } from "../common/format.js";
import { absolute, modelLink, taskLink } from "../common/link.js";
import { judged } from "../results/policies.js";
import { follow } from "../results/prediction.js";
import { remember } from "../common/store.js";

export async function showTask(page, id) {
  const found = await api.task(id);
  const input = found.prediction.input;
  const text = JSON.stringify(input, null, 2);
  const when = h("p.dim", {}, timesOf(found));
  const following = follow(id, (task) => (when.textContent = timesOf(task)));
  const wrong = h("p.bad", { role: "status" });
  const again = h("button.primary", { type: "button", onclick: runAgain }, "Run again");

  function openInForm() {
    remember(`draft:${found.model}`, JSON.stringify(input));
    location.hash = `#/models/${inPath(found.model)}`;
  }

  async function runAgain() {
    again.disabled = true;
    try {
      const { request, problems } = await api.check(found.model, input, found.webhook_url);
      if (problems.length) throw new Error(problems.map(({ pointer, message }) => `${pointer} ${message}`).join("; "));
      const { seen, ledger } = await api.send(request);
      const next = judged(seen);
      if (next.kind === "accepted") location.hash = taskLink(next.id);
      else wrong.replaceChildren(`${next.words} `, ledger.length > 0 && h("a", { href: taskLink(ledger[0].id) }, "The ledger has it."));
    } catch (error) {
      wrong.textContent = error.message;
    } finally {
      again.disabled = false;
    }
  }

  page.append(
    h("a.back", { href: "#/history" }, "← History"),
    h("h1", {}, found.model),
    when,
    h("div.row", {}, again, h("button", { type: "button", onclick: openInForm }, "Open in the form"), copyButton(() => absolute(modelLink(found.model, input)), "Copy link to the form"), wrong),
    h(
      "div.columns",
      {},
      h("section.panel.result", { "aria-label": "Result" }, h("div.panelhead", {}, h("h2", {}, "Result")), following.element),
      h(
        "section.panel",
        { "aria-label": "Input" },
        h("div.panelhead", {}, h("h2", {}, "Input"), copyButton(() => text, "Copy", "Copy the input")),
        h("pre.code", { tabIndex: 0 }, text),
        found.webhook_url && h("p.note", {}, "Webhook: ", h("code", {}, found.webhook_url), ", ", h("a", { href: "#/webhooks" }, "deliveries")),
      ),
    ),
  );
  return following.stop;
}

function timesOf({ accepted_at: begun, ended_at: ended, surface }) {
  return `Accepted ${clockTime(begun)} on ${surface}${ended ? `, ended ${clockTime(ended)}` : ""}`;
}
