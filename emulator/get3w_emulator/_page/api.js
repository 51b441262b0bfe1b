// All calls that the page makes: to the emulator's own admin routes, and to the API it emulates.

import { inPath } from "./dom.js";

let settings;

/** A call that was answered with an error, or not at all. */
export class CallError extends Error {
  constructor(message, { status = 0, details = [], answer = null } = {}) {
    super(message);
    this.status = status;
    this.details = details;
    this.answer = answer;
  }
}

/** What the emulator is and has: `{api_key, models}`; it tells the key on its own machine only. */
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
export const history = () => call("/_emulator/history");
export const submission = (id) => call(`/_emulator/history/${inPath(id)}`);
export const faults = () => call("/_emulator/faults").then((answer) => answer.rules);
export const setFaults = (rules) => call("/_emulator/faults", { body: rules });
export const deliveries = () => call("/_emulator/webhooks").then((answer) => answer.deliveries);
export const reset = () => call("/_emulator/reset", { body: {} });

/** Submit as the check says it is to be sent; returns the prediction. */
export const submit = async ({ path, body }) => unwrapped(await call(path, { body, key: true }));

/** Ask how far a prediction is. */
export const result = async (path) => unwrapped(await call(path, { key: true }));

/** Upload a file and return its address. */
export async function upload(file) {
  const form = new FormData();
  form.append("file", file);
  return unwrapped(await call("/api/v3/files/upload", { form, key: true })).url;
}

// v3 answers in an envelope, v1 does not.
const unwrapped = (answer) => (answer.data && answer.code ? answer.data : answer);

async function call(path, { body, form, key } = {}) {
  const headers = {};
  if (key) headers.Authorization = `Bearer ${(await catalogue()).api_key ?? enteredKey()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const content = form ?? (body === undefined ? undefined : JSON.stringify(body));
  let response, text;
  try {
    response = await fetch(path, { method: content === undefined ? "GET" : "POST", headers, body: content });
    text = await response.text();
  } catch {
    throw new CallError("The connection broke before the answer was whole.");
  }
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new CallError(`The answer (HTTP ${response.status}) is not JSON.`, { status: response.status, answer: text });
  }
  if (response.ok) return answer;
  if (response.status === 401) settings = entered = undefined; // another emulator, with another key
  const message = answer.message ?? answer.error ?? "Error";
  throw new CallError(`${message} (HTTP ${response.status})`, {
    status: response.status,
    details: answer.details ?? [],
    answer: text,
  });
}
