// What was submitted, by this page or any program: the server's ledger, newest first.

import * as api from "./api.js";
import { clockTime, copyButton, h, inPath } from "./dom.js";
import { follow } from "./prediction.js";
import { remember } from "./store.js";

const PAUSE = 1500;

export async function showHistory(page) {
  const count = h("p.dim");
  const rows = h("div.rows");
  let known = "";
  let stopped = false;

  function draw({ total, submissions }) {
    const now = JSON.stringify([total, submissions.at(-1)?.id]);
    if (now === known) return;
    known = now;
    const all = `${total} ${total === 1 ? "submission" : "submissions"}`;
    count.textContent = total > submissions.length ? `The latest ${submissions.length} of ${all}.` : `${all}.`;
    rows.replaceChildren(...(total ? submissions.reverse().map(row) : [h("p.empty", {}, "Nothing was submitted yet. Calls of your own programs appear here, too.")]));
  }
  async function keepUp() {
    while (!stopped) {
      await new Promise((done) => setTimeout(done, PAUSE));
      if (stopped || document.hidden) continue;
      await api.history().then(draw, (error) => (count.textContent = error.message));
    }
  }
  async function reset() {
    if (!confirm("Forget all predictions, uploads, the ledger and all fault rules?")) return;
    await api.reset();
    draw(await api.history());
  }

  page.append(
    h("div.row.apart", {}, h("h1", {}, "History"), h("button.danger.small", { type: "button", onclick: reset }, "Reset the emulator")),
    count,
    rows,
  );
  draw(await api.history());
  keepUp();
  return () => (stopped = true);
}

function row({ id, model, input, accepted_at: at }) {
  const words = ["prompt", "text"].map((name) => input[name]).find((value) => typeof value === "string");
  return h(
    "a.line",
    { href: `#/history/${id}` },
    h("span.when.number", { title: at }, clockTime(at)),
    h("span.what", {}, model),
    h("span.words", {}, words ?? JSON.stringify(input)),
  );
}

export async function showPrediction(page, id) {
  const found = await api.submission(id);
  const input = JSON.stringify(found.input, null, 2);
  const following = follow({ id }, `/api/v3/predictions/${id}`);

  function openInForm() {
    remember(`draft:${found.model}`, input);
    location.hash = `#/models/${inPath(found.model)}`;
  }

  page.append(
    h("a.back", { href: "#/history" }, "← History"),
    h("h1", {}, found.model),
    h("p.dim", {}, `Accepted ${clockTime(found.accepted_at)}`),
    h(
      "div.columns",
      {},
      h("section.panel.result", { "aria-label": "Result" }, h("div.panelhead", {}, h("h2", {}, "Result")), following.element),
      h(
        "section.panel",
        { "aria-label": "Input" },
        h("div.panelhead", {}, h("h2", {}, "Input"), copyButton(() => input)),
        h("pre.code", { tabIndex: 0 }, input),
        h("div.row", {}, h("button", { type: "button", onclick: openInForm }, "Open in the form")),
      ),
    ),
  );
  return following.stop;
}
