// What people fear of a paid API, as faults and outcomes that can be tried with one click.

/**
 * @typedef {object} Preset
 * @property {string} title
 * @property {string} words what happens
 * @property {object} [fault] a fault rule
 * @property {object} [outcome] an outcome rule
 */

/** @type {Object<string, Preset>} */
export const PRESETS = {
  lost: {
    title: "Answer lost after acceptance",
    words: "The task is accepted and charged, then the connection closes without a word.",
    fault: { fault: "drop_after_accept" },
  },
  unsent: {
    title: "Connection lost before acceptance",
    words: "The connection closes and no task exists. To the caller it looks like a lost answer.",
    fault: { fault: "drop_before_accept" },
  },
  storm: {
    title: "429 storm",
    words: "Three times the answer is 429 with Retry-After, then calls are served.",
    fault: { fault: "status", status: 429, headers: { "Retry-After": "1" } },
    times: 3,
  },
  slow: {
    title: "Slow server",
    words: "The answer takes five seconds. A caller that waits less gives up on a task that runs.",
    fault: { fault: "delay", seconds: 5 },
  },
  broken: {
    title: "Broken JSON",
    words: "The task is accepted; the answer is 200 and no JSON.",
    fault: { fault: "malformed" },
  },
  half: {
    title: "Half an answer",
    words: "The task is accepted; the connection closes in the middle of the answer.",
    fault: { fault: "truncate" },
  },
  error: {
    title: "Server error",
    words: "The answer is 500 and no task exists, which the caller cannot know.",
    fault: { fault: "status", status: 500 },
  },
  moderated: {
    title: "Fails in moderation",
    words: "The task is accepted and fails with code 1200. The charge stays.",
    outcome: { code: 1200 },
  },
  platform: {
    title: "Platform failure with refund",
    words: "The task is accepted and fails with code 5000. The charge is given back.",
    outcome: { code: 5000 },
  },
};

/** The fault of a preset as the header `X-Emulator-Fault` takes it; undefined if it has none. */
export const faultHeader = (preset) => preset?.fault && JSON.stringify(preset.fault);

/** The rules of a preset, for the next calls of any program. */
export function rulesOf({ fault, outcome, times = 1 }) {
  return { fault: fault && { method: "POST", ...fault, times }, outcome: outcome && { ...outcome, times } };
}
