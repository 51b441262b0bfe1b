// All calls that the page makes: to the emulator's own admin routes, and to the API it emulates.

import { inPath } from "./dom.js";

let settings;

/** A call that was answered with an error, or not at all. */
export class CallError extends Error {
  constructor(message, { status = 0, details = [] } = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** The emulator's models and key: `{api_key, models}`; the key is null beyond its own machine. */
export async function catalogue() {
  settings ??= call("/_emulator/models").catch((error) => {
    settings = undefined; // the next one asks again
    throw error;
  });
  return settings;
}

let entered;

function enteredKey() {
  entered ||= prompt("The key of this emulator (--api-key where it was started):")?.trim();
  if (!entered) throw new CallError("This call needs the emulator's key.");
  return entered;
}

export const model = (id) => call(`/_emulator/models/${inPath(id)}`);
export const check = (id, input, webhookUrl) =>
  call(`/_emulator/check/${inPath(id)}`, { body: { input, webhook_url: webhookUrl || null } });
export const history = (filter = {}) => call(`/_emulator/history?${new URLSearchParams(filter)}`);
export const task = (id) => call(`/_emulator/history/${inPath(id)}`);
export const faults = () => call("/_emulator/faults").then((answer) => answer.rules);
export const setFaults = (rules) => call("/_emulator/faults", { body: rules });
export const outcomes = () => call("/_emulator/outcomes").then((answer) => answer.rules);
export const setOutcomes = (rules) => call("/_emulator/outcomes", { body: rules });
export const deliveries = () => call("/_emulator/webhooks").then((answer) => answer.deliveries);
export const status = () => call("/_emulator/status");
export const advance = (seconds) => call("/_emulator/clock", { body: { advance: seconds } });
export const reset = () => call("/_emulator/reset", { body: {} });

/**
 * Submit once, as the check says it is to be sent. The emulator makes the call, because a browser
 * repeats a POST whose connection breaks; should it repeat this one, the token makes it count once.
 * @param {{path: string, body: object}} request
 * @param {string} [fault] what is to go wrong with this call, as `X-Emulator-Fault` takes it
 * @returns {Promise<{seen: object, ledger: object[]}>} what a caller sees, and the accepted tasks
 */
export const send = ({ path, body }, fault) =>
  call("/_emulator/send", {
    body: { token: `${Date.now()} ${Math.random()}`, path, body },
    key: true,
    headers: fault ? { "X-Emulator-Fault": fault } : {},
  });

/** Upload a file and return its address. */
export async function upload(file) {
  const form = new FormData();
  form.append("file", file);
  return (await call("/api/v3/files/upload", { form, key: true })).data.url;
}

async function call(path, { body, form, key, headers = {} } = {}) {
  if (key) headers.Authorization = `Bearer ${(await catalogue()).api_key ?? enteredKey()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const content = form ?? (body === undefined ? undefined : JSON.stringify(body));
  let response, text;
  try {
    response = await fetch(path, { method: content === undefined ? "GET" : "POST", headers, body: content });
    text = await response.text();
  } catch {
    throw new CallError("The emulator does not answer. Is it still running?");
  }
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new CallError(`The answer (HTTP ${response.status}) is not JSON.`, { status: response.status });
  }
  if (response.ok) return answer;
  if (response.status === 401) forgetKey();
  const message = answer.message ?? answer.error ?? "Error";
  throw new CallError(`${message} (HTTP ${response.status})`, { status: response.status, details: answer.details ?? [] });
}

/** Ask for the key again: the one in use was refused. */
export function forgetKey() {
  settings = entered = undefined;
}
