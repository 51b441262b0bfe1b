// A small picture of what a task made, or a sign for what it is.

import { h } from "../common/dom.js";

const SIGNS = { image: "▣", video: "▶", audio: "♪", text: "¶", "3d": "◆" };

// A video is made when it is first fetched, so only those that come into sight are.
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    observer.unobserve(target);
    target.src = target.dataset.src;
  }
});

/** @param {object} task as the history lists it */
export function thumbnail(task) {
  const sign = h(`span.thumb.sign.${task.status}`, { "aria-hidden": "true" }, task.error ? "✕" : SIGNS[task.medium]);
  if (!task.output) return sign;
  const onerror = () => shown.replaceWith(sign);
  let shown;
  if (task.medium === "image") shown = h("img.thumb", { src: task.output, alt: "", loading: "lazy", onerror });
  else if (task.medium === "video") {
    shown = h("video.thumb", { muted: true, preload: "metadata", tabIndex: -1, "aria-hidden": "true", "data-src": `${task.output}#t=0.1`, onerror });
    observer.observe(shown);
  } else return sign;
  return shown;
}

/** The status of a task, as a mark. */
export function statusTag(task) {
  const look = { completed: "good", failed: "bad" }[task.status] ?? "now";
  return h(`span.tag.${look}`, {}, task.status);
}
