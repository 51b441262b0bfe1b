// The page of one model: the form, the call it makes, and what comes of it.

import * as api from "./api.js";
import { codePanel } from "./code.js";
import { debounced, dollars, fill, h, newId } from "./dom.js";
import { exampleInput } from "./example.js";
import { Form } from "./form.js";
import { follow } from "./prediction.js";
import { remember, remembered } from "./store.js";

const PAUSE = 120;

export async function showModel(page, id) {
  const model = await api.model(id);
  const draft = `draft:${id}`;
  let form;
  let turn = 0;
  let following = null;

  const slot = h("div");
  const webhook = h("input", { id: newId(), type: "text", inputmode: "url", placeholder: "http://…", autocomplete: "off", oninput: () => later() });
  const state = h("span.dim", { role: "status" });
  const button = h("button.primary", { type: "submit" }, "Submit");
  const code = codePanel((input) => start(input));
  const results = h("section.panel.result", { "aria-label": "Result" }, h("div.panelhead", {}, h("h2", {}, "Result")), h("p.empty", {}, "Submit the form to see what comes back."));

  function start(input) {
    form = new Form(model.schema, input, () => later());
    slot.replaceChildren(form.element);
    return checked();
  }

  /** Ask what the form comes to, and show it unless the form has changed meanwhile. */
  async function checked() {
    const mine = ++turn;
    const input = form.value;
    remember(draft, JSON.stringify(input));
    const answer = await api.check(id, input, webhook.value);
    if (mine === turn) {
      const count = form.apply(answer.problems);
      code.show(answer, input);
      state.textContent = count ? `${count} ${count === 1 ? "problem" : "problems"} left` : "Ready";
      state.classList.toggle("ok", !count);
    }
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
      else await run(answer.request);
    } catch (error) {
      show(refused(error));
    } finally {
      button.disabled = false;
    }
  }

  async function run(request) {
    following?.stop();
    show(h("p.dim", {}, "Sending…"));
    const prediction = await api.submit(request);
    following = follow(prediction, request.result + prediction.id);
    show(following.element);
    if (results.getBoundingClientRect().top > innerHeight - 80) results.scrollIntoView({ behavior: "smooth" });
  }

  const show = (...elements) => results.replaceChildren(results.firstChild, ...elements);

  function cleared() {
    webhook.value = "";
    return start({});
  }

  fill(
    page,
    ...heading(model),
    h(
      "div.columns",
      {},
      h(
        "form.panel",
        {
          noValidate: true,
          "aria-label": "Input",
          onsubmit: submit,
          onkeydown: (event) => event.key === "Enter" && (event.ctrlKey || event.metaKey) && submit(event),
        },
        slot,
        model.schema.properties?.webhook_url ? null : webhookField(webhook),
        h("div.actions", {}, button, h("button", { type: "button", title: "Fill in what is required", onclick: () => start(exampleInput(model.schema, form.value)) }, "Example"), h("button.quiet", { type: "button", onclick: cleared }, "Clear all"), h("span.grow"), state, h("kbd", {}, "Ctrl Enter")),
      ),
      h("div.side", {}, results, code.element),
    ),
  );
  await start(stored(draft));
  return () => following?.stop();
}

function heading(model) {
  const about = [model.description, model.note].filter((text) => typeof text === "string" && text);
  const source = /^https?:/.test(model.source ?? "") && h("a", { href: model.source, target: "_blank", rel: "noopener noreferrer" }, "Source");
  return [
    h("a.back", { href: "#/" }, "← All models"),
    h("h1", {}, model.id),
    h(
      "p.row.facts",
      {},
      h("span.tag", {}, model.kind),
      h("span.price", {}, `${dollars(model.price)} a run`),
      model.documented ? h("span.tag.good", {}, "on Get3W") : h("span.tag.unsure", {}, "not confirmed on Get3W"),
    ),
    about.length > 0 && h("details.about", {}, h("summary", {}, "About this model"), ...about.map((text) => h("p", {}, text)), source),
  ];
}

function webhookField(input) {
  return h(
    "details.field.hook",
    {},
    h("summary", {}, "Webhook"),
    h("label.words", { for: input.id }, "Address that is told when the prediction ends (webhook_url)."),
    input,
  );
}

function refused(error) {
  const details = error.details.map((each) => h("li", {}, each.pointer ? `${each.pointer}: ${each.message}` : each.message));
  const unknown = error.status === 0 || error.status >= 500 || (error.status === 200 && error.answer !== null);
  return h(
    "div.problem",
    { role: "alert" },
    h("p", {}, error.message),
    details.length > 0 && h("ul", {}, ...details),
    unknown && h("p", {}, "It may have been accepted all the same: ", h("a", { href: "#/history" }, "History"), " tells."),
    error.answer && h("pre.code", { tabIndex: 0 }, error.answer),
  );
}

function stored(key) {
  try {
    const value = JSON.parse(remembered(key));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}
