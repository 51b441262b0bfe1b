// The page of one model: the form, the call it makes, and what comes of it.

import * as api from "../common/api.js";
import { confirmation } from "../common/card.js";
import { codePanel } from "./code.js";
import { copyButton, debounced, fill, h, newId } from "../common/dom.js";
import { exampleInput } from "../form/example.js";
import { Form } from "../form/form.js";
import { count, dollars, price } from "../common/format.js";
import { absolute, modelLink } from "../common/link.js";
import { PRESETS } from "../results/presets.js";
import { resultPanel } from "../results/result.js";
import { draft, startInput } from "../form/start.js";
import { remember } from "../common/store.js";

const PAUSE = 120;
const BELOW_TOP = 80; // pixels that the bar at the top takes of the window

export async function showModel(page, id, query) {
  const [model, { api_key: key }] = await Promise.all([api.model(id), api.catalogue()]);
  let form;
  let turn = 0;
  let before = null; // what a link or "Clear all" took away

  const slot = h("div");
  const webhook = h("input", { id: newId(), type: "text", inputmode: "url", placeholder: "http://…", autocomplete: "off", oninput: () => later() });
  const state = h("span.dim.state", { role: "status" });
  const button = h("button.primary", { type: "submit", title: "Ctrl Enter" }, "Submit");
  const clear = h("button.quiet.small", { type: "button", onclick: clearOrUndo }, "Clear all");
  const fault = h("select", { title: "What goes wrong with the next submit, and with no other" }, h("option", { value: "" }, "no fault"), ...Object.entries(PRESETS).map(([name, preset]) => h("option", { value: name, title: preset.words }, preset.title)));
  const code = codePanel(key, (input) => start(input));
  const result = resultPanel(model);

  function start(input) {
    form = new Form(model.schema, input, () => changed());
    slot.replaceChildren(form.element);
    return checked();
  }

  function changed() {
    before = null;
    clear.textContent = "Clear all";
    later();
  }

  /** Ask what the form comes to, and show it unless the form has changed meanwhile. */
  async function checked() {
    const mine = ++turn;
    const input = form.value;
    remember(`draft:${id}`, JSON.stringify(input));
    const answer = await api.check(id, input, webhook.value);
    if (mine !== turn) return answer;
    const problems = form.apply(answer.problems);
    code.show(problems ? null : answer.calls, input, answer.name_is_certain);
    state.textContent = problems ? words(answer.problems, problems, input) : "Ready";
    state.classList.toggle("ok", !problems);
    return answer;
  }
  const later = debounced(() => checked().catch((error) => (state.textContent = `Not checked: ${error.message}`)), PAUSE);

  async function submit(event) {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    try {
      const answer = await checked();
      if (form.apply(answer.problems)) form.reveal(answer.problems);
      else {
        const chosen = fault.value;
        fault.value = ""; // a fault is for one submit
        await result.run(answer.request, chosen);
      }
    } catch (error) {
      state.textContent = error.message;
    } finally {
      button.disabled = false;
    }
  }

  function clearOrUndo() {
    const taken = before ?? { input: form.value, webhook: webhook.value };
    const undone = before !== null;
    webhook.value = undone ? taken.webhook : "";
    before = undone ? null : taken;
    clear.textContent = undone ? "Clear all" : "Undo clear";
    return start(undone ? taken.input : {});
  }

  function example() {
    before = null;
    clear.textContent = "Clear all";
    return start(exampleInput(model.schema, form.value));
  }

  const side = h("div.side", {}, result.element, code.element);
  const fit = () => side.classList.toggle("fits", side.offsetHeight + BELOW_TOP < innerHeight);
  const size = new ResizeObserver(fit);
  size.observe(side);
  addEventListener("resize", fit);
  fill(
    page,
    ...heading(model),
    h(
      "div.columns",
      {},
      h(
        "form.panel",
        { noValidate: true, "aria-label": "Input", onsubmit: submit, onkeydown: (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit(event) },
        h(
          "div.panelhead",
          {},
          h("h2", {}, "Input"),
          h("div.row", {}, h("button.quiet.small", { type: "button", title: "Fill in what is required", onclick: example }, "Example"), clear, copyButton(() => absolute(modelLink(id, form.value)), "Copy link", "Copy link to this form")),
        ),
        slot,
        model.schema.properties?.webhook_url ? null : webhookField(webhook),
        h("div.actions", {}, button, h("label", {}, "Fault", fault), state, h("p.dim.money", {}, "Play money: a submit is charged to the emulator's balance only.")),
      ),
      side,
    ),
  );
  const input = startInput(model, query);
  const written = draft(id);
  if (written && JSON.stringify(written) !== JSON.stringify(input)) {
    before = { input: written, webhook: "" };
    clear.textContent = "Back to my draft";
  }
  // The address stays that of the model: what is changed from now on is not in the link.
  if (query.size) history.replaceState(null, "", modelLink(id));
  await Promise.all([start(input), result.showLatest()]);
  return () => {
    size.disconnect();
    removeEventListener("resize", fit);
    result.stop();
  };
}

/** What is left to do: parameters that are missing are named, other problems are at their fields. */
function words(problems, number, input) {
  const names = [...new Set(problems.map(({ pointer }) => pointer.slice(1)))];
  const isMissing = (name) => input[name] === undefined || (Array.isArray(input[name]) && !input[name].length);
  const missing = names.filter((name) => name && !name.includes("/") && isMissing(name));
  return missing.length === number ? `Still needs ${missing.join(", ")}` : count(number, "problem");
}

function heading(model) {
  const about = [model.description, model.note].filter((text) => typeof text === "string" && text);
  const source = /^https?:/.test(model.source ?? "") && h("a", { href: model.source, target: "_blank", rel: "noopener noreferrer" }, "Source");
  const madeUp = model.price === null && h("span.price", {}, `the emulator charges ${dollars(model.charge)}, a made-up amount, whatever the inputs`);
  return [
    h("a.back", { href: "#/" }, "← All models"),
    h("h1", {}, model.id),
    h("p.row.facts", {}, h("span.tag", {}, model.kind), confirmation(model), h("span.price", {}, price(model), model.price !== null && ": the base price, which the inputs do not change in the emulator"), madeUp, h("code.price", {}, `submit_${model.name}`)),
    about.length > 0 && h("details.about", {}, h("summary", {}, "About this model"), ...about.map((text) => h("p", {}, text)), source),
  ];
}

function webhookField(input) {
  return h(
    "details.field.hook",
    {},
    h("summary", {}, "Webhook"),
    h("label.words", { for: input.id }, "Address that hears of the end of the task (webhook_url)."),
    input,
  );
}
