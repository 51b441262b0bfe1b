// What a caller saw of one submit, and what clients of several kinds would have made of it.

/**
 * @param {{status: number|null, body: string, end: string, retry_after: string|null}} seen
 * @returns {{kind: string, words: string, id: string|null}} `kind`: accepted, refused, rejected,
 *   failed (5xx), unreadable, lost or late
 */
export function judged(seen) {
  const { status, end } = seen;
  const id = idIn(seen.body);
  if (end === "timeout") return { kind: "late", words: "No answer in time.", id: null };
  if (status === null) return { kind: "lost", words: "The connection closed without a byte of an answer.", id: null };
  if (status >= 200 && status < 300) {
    if (end === "cut") return { kind: "unreadable", words: `HTTP ${status}, then the connection closed in the middle of the answer.`, id };
    if (!isJson(seen.body)) return { kind: "unreadable", words: `HTTP ${status}, and an answer that is not JSON.`, id };
    if (!id) return { kind: "unreadable", words: `HTTP ${status} without the id of a task.`, id };
    return { kind: "accepted", words: `HTTP ${status} with the id of a task.`, id };
  }
  const again = seen.retry_after ? `, to be tried again after ${seen.retry_after} s` : "";
  if (status === 429 || (status === 503 && seen.retry_after)) return { kind: "refused", words: `HTTP ${status}${again}.`, id: null };
  if (status >= 500) return { kind: "failed", words: `HTTP ${status}. Whether a task exists is not said.`, id: null };
  return { kind: "rejected", words: `HTTP ${status}: the call is refused for good.`, id: null };
}

/**
 * What clients would have done, if a second send of theirs were served.
 * @param {string} kind as `judged` says
 * @param {number} tasks how many tasks the ledger has of this call
 * @param {string|null} id the id that the answer shows
 * @returns {{name: string, does: string, tasks: number, known: boolean, found: boolean?}[]} `tasks`:
 *   how many are paid for in the end; `known`: whether the caller has the id of each; `found`:
 *   whether `reconcile` of `get3w_core` finds it
 */
export function policies(kind, tasks, id) {
  const again = (does) => ({ does, tasks: tasks + 1, known: tasks === 0 });
  const raises = (does) => ({ does, tasks, known: tasks === 0 });
  const returns = { does: "Returns the prediction.", tasks, known: true };
  const finds = id ? "returns the task" : tasks ? "finds the task in the account's records" : "finds no task so far (NoEvidence)";
  const does = `Raises SubmitOutcomeUnknownError${id ? ", which names the task" : ""}, and never sends it again. Then get3w_core.reconcile(error) ${finds}.`;
  const lost = kind === "lost" || kind === "late" || kind === "failed";
  const own = {
    accepted: returns,
    refused: again("Waits as long as it was told, then sends again: nothing was accepted."),
    rejected: raises("Raises the error of that status; sending again would not help."),
  };
  const eager = { accepted: returns, rejected: raises("Sends again, is refused again, and gives up.") };
  return [
    { name: "get3w_models", ...(own[kind] ?? { does, tasks, known: tasks === 0 || Boolean(id), found: tasks === 1 }) },
    { name: "Repeats 429, 5xx and lost connections, as most SDKs do", ...(kind === "accepted" ? returns : lost || kind === "refused" ? again("Sends again.") : raises("Raises an error.")) },
    { name: "Repeats after any error", ...(eager[kind] ?? again("Sends again.")) },
    { name: "Never repeats", ...(kind === "accepted" ? returns : raises("Raises an error.")) },
  ];
}

function isJson(text) {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The id of a prediction in an answer, which may break off after it. */
function idIn(text) {
  return /"id"\s*:\s*"([^"\\]+)"/.exec(text)?.[1] ?? null;
}
