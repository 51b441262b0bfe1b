// The emulator itself: its address and key, balance, clock, documents, and the way back to the start.

import * as api from "../common/api.js";
import { announce, copyButton, h, poll } from "../common/dom.js";
import { count, dollars } from "../common/format.js";

const STEPS = [
  ["1 minute", 60],
  ["1 hour", 3_600],
  ["1 day", 86_400],
  ["8 days", 691_200],
];

export async function showEmulator(page) {
  const { api_key: key, models } = await api.catalogue();
  const balance = h("p.big.number");
  const spent = h("p.dim");
  const clock = h("p.big.number");
  const kept = h("p.dim");
  const unknown = models.filter((model) => model.price === null).length;

  function draw(now) {
    balance.textContent = dollars(now.balance);
    spent.replaceChildren(`${count(now.tasks, "task")} accepted. `, ...(now.balance_is_enforced ? ["At zero, submits are refused with 403."] : ["Nothing is refused for want of money; ", option("--balance"), " changes that."]));
    clock.textContent = new Date(now.now).toLocaleString();
    kept.replaceChildren(...(now.keeps_state ? ["The history is kept in a file and survives a restart."] : ["The history lasts until the emulator stops; ", option("--state FILE"), " keeps it."]));
  }
  const refresh = async () => draw(await api.status());

  async function advance(seconds, words) {
    await api.advance(seconds);
    await refresh();
    announce(`The clock is ${words} ahead`);
  }
  async function reset() {
    if (!confirm("Forget all tasks, uploads and rules, and return the balance to its start?")) return;
    await api.reset();
    await refresh();
    announce("The emulator is as it was at the start");
  }

  const env = `GET3W_BASE_URL=${location.origin} GET3W_API_KEY=${key ?? "…"}`;
  const { version } = await api.status();
  page.append(
    h("h1", {}, "Emulator"),
    h("p.dim", {}, `Version ${version}, ${count(models.length, "model")}`),
    h(
      "div.columns",
      {},
      panel(
        "Connect a program",
        h("dl.facts", {}, ...pair("Address", location.origin), ...pair("Key", key ?? "as it was started with")),
        h("pre.code.wrap", { tabIndex: 0, "aria-label": "Environment" }, env),
        h("div.row", {}, copyButton(() => env, "Copy", "Copy the environment")),
      ),
      panel("Balance", balance, spent, unknown > 0 && h("p.dim", {}, `${count(unknown, "model")} of ${models.length} ${unknown === 1 ? "names" : "name"} no price; what they are charged here is made up.`)),
      panel("Clock", clock, h("p.dim", {}, "Move it ahead to see a long task end, or a file expire."), h("div.row", {}, ...STEPS.map(([words, seconds]) => h("button.small", { type: "button", onclick: () => advance(seconds, words) }, `+ ${words}`)))),
      panel(
        "Documents",
        h("p", {}, h("a", { href: "/_emulator/about" }, "What the emulator is and what it does not emulate")),
        h("p", {}, h("a", { href: "/openapi.json" }, "OpenAPI document"), " of the API"),
        h("p", {}, h("a", { href: "/_emulator/ledger" }, "Ledger"), " as JSON"),
      ),
      panel("Start again", kept, h("button.danger", { type: "button", onclick: reset }, "Reset the emulator")),
    ),
  );
  await refresh();
  return poll(() => refresh().catch(() => {}));
}

const panel = (title, ...children) => h("section.panel", { "aria-label": title }, h("div.panelhead", {}, h("h2", {}, title)), ...children.filter(Boolean));
const option = (text) => h("code.option", {}, text);
const pair = (name, value) => [h("dt", {}, name), h("dd", {}, h("code", {}, value))];
