// A prediction while it runs and when it is done.

import { result } from "./api.js";
import { announce, copyButton, h } from "./dom.js";
import { outputs } from "./outputs.js";

const STEPS = ["created", "processing", "completed"];
const ENDED = ["completed", "failed", "cancelled", "timeout"];

/**
 * Follow a prediction until it ends.
 * @param {object} prediction as the submit answered it, or at least its `id`
 * @param {string} path where its result is
 * @returns {{element: Element, stop: () => void}}
 */
export function follow(prediction, path) {
  const started = performance.now();
  const steps = h("ol.steps", { "aria-label": "Status" });
  const time = h("span.dim.number");
  const body = h("div.outputs");
  const raw = h("code");
  const id = h("code.id", {}, prediction.id);
  const element = h(
    "div.prediction",
    {},
    h("div.row.apart", {}, steps, time),
    body,
    h("details", {}, h("summary", {}, "Answer"), h("pre.code", { tabIndex: 0 }, raw)),
    h("div.row.idline", {}, id, copyButton(() => prediction.id, "Copy id")),
  );
  let stopped = false;
  let last = "";

  function show(now) {
    raw.textContent = JSON.stringify(now, null, 2);
    if (now.status === last) return;
    last = now.status;
    announce(`Prediction ${now.status}`);
    drawSteps(steps, now.status);
    element.dataset.status = now.status;
    if (now.status === "completed") {
      const rest = outputs(now.outputs ?? []);
      body.replaceChildren(...(rest.length ? rest : [h("p.dim", {}, "It has no outputs.")]));
    } else if (ENDED.includes(now.status)) {
      const code = now.code ? ` (code ${now.code})` : "";
      body.replaceChildren(h("div.problem", { role: "alert" }, `${now.error || `It ended as ${now.status}.`}${code}`));
    } else {
      body.replaceChildren(h("div.waiting", { "aria-hidden": "true" }));
    }
    if (now.timings?.inference !== undefined) time.textContent = `${now.timings.inference} ms`;
  }

  async function run() {
    if (prediction.status) show(prediction);
    for (let pause = 100; !stopped; pause = Math.min(pause * 1.2, 1500)) {
      try {
        const now = await result(path);
        if (stopped) return;
        show(now);
        if (ENDED.includes(now.status)) return;
        time.textContent = `${((performance.now() - started) / 1000).toFixed(1)} s`;
      } catch (error) {
        if (stopped) return;
        if (error.status === 404) {
          body.replaceChildren(h("p.dim", {}, "It is no longer there: deleted, expired or reset."));
          return;
        }
        body.replaceChildren(h("div.problem", { role: "alert" }, `${error.message} Asking again…`));
        last = "";
      }
      await new Promise((done) => setTimeout(done, pause));
    }
  }
  run();
  return { element, stop: () => (stopped = true) };
}

function drawSteps(list, status) {
  const names = STEPS.includes(status) ? STEPS : [...STEPS.slice(0, 2), status];
  const at = names.indexOf(status);
  list.replaceChildren(
    ...names.map((name, index) => {
      const state = index > at ? "todo" : index < at || ENDED.includes(name) ? "done" : "now";
      const bad = name === status && !STEPS.includes(name);
      return h(`li.${bad ? "bad" : state}`, { "aria-current": index === at ? "step" : undefined }, name);
    }),
  );
}
