// The fault that struck the call that a task was accepted with, as a mark and in words.

import { h } from "../common/dom.js";

/** @type {Object<string, {mark: string, words: string}>} by the kind of the fault */
export const STRUCK = {
  drop_after_accept: { mark: "answer lost", words: "The connection closed without an answer, so the caller was not given the id of this task." },
  truncate: { mark: "answer cut off", words: "Half of the answer arrived, then the connection closed." },
  malformed: { mark: "broken JSON", words: "The answer was HTTP 200 and no JSON, so the caller was not given the id of this task." },
  delay: { mark: "answer delayed", words: "The answer came late; a caller that waits less did not see it." },
};

/** The mark of a task, where a fault struck its call; else null. */
export function faultTag({ fault }) {
  return fault ? h("span.tag.unsure", { title: STRUCK[fault]?.words ?? "" }, STRUCK[fault]?.mark ?? fault) : null;
}

/** The mark of a task and what it means, where a fault struck its call; else null. */
export function faultNote(task) {
  return task.fault ? h("p.struck", {}, faultTag(task), ` ${STRUCK[task.fault]?.words ?? ""} The task itself was accepted and charged.`) : null;
}
