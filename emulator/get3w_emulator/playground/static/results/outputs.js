// What a model made: pictures, video, sound, text or data.

import { copyButton, h } from "../common/dom.js";
import { takersLink } from "../common/link.js";

const KINDS = [
  ["image", /\.(png|jpe?g|webp|gif|avif|svg)$/i],
  ["video", /\.(mp4|webm|mov)$/i],
  ["audio", /\.(mp3|wav|flac|m4a|ogg)$/i],
  ["text", /\.(txt|md|json|csv|srt|vtt)$/i],
];

// What a parameter of a model can take.
const INPUTS = ["image", "video", "audio"];

/** Elements that show each output. */
export const outputs = (values) => values.map((value, index) => output(value, index + 1));

function output(value, number) {
  if (typeof value !== "string") return h("pre.code", { tabIndex: 0 }, JSON.stringify(value, null, 2));
  const inline = /^data:(image|video|audio)\//.exec(value);
  if (inline) return figure(inline[1], value, number);
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^https?:$/.test(url.protocol)) return h("pre.text", { tabIndex: 0 }, value);
  const kind = KINDS.find(([, pattern]) => pattern.test(url.pathname))?.[0];
  // Only this server is asked for anything.
  if (url.origin !== location.origin) return link(value);
  return figure(kind, value, number);
}

function figure(kind, url, number) {
  const name = `Output ${number}`;
  const broken = h("p.problem", { hidden: true }, "It could not be loaded.");
  const onerror = () => (broken.hidden = false);
  const shown =
    kind === "image" ? h("img", { src: url, alt: name, onerror })
    : kind === "video" ? h("video", { src: url, controls: true, loop: true, "aria-label": name, onerror })
    : kind === "audio" ? h("audio", { src: url, controls: true, "aria-label": name, onerror })
    : kind === "text" ? fetched(url)
    : null;
  const tools = h("span.row", {}, h("a.button.quiet.small", { href: url, download: "" }, "Save"));
  if (!url.startsWith("data:")) {
    tools.append(copyButton(() => url, "Copy URL"));
    if (INPUTS.includes(kind)) tools.append(h("a.button.small", { href: takersLink(kind, url) }, "Use as input"));
  }
  return h("figure", {}, shown, broken, h("figcaption", {}, link(url), tools));
}

function fetched(url) {
  const text = h("pre.text", { tabIndex: 0 }, "…");
  fetch(url)
    .then((answer) => answer.text())
    .then((content) => (text.textContent = content), (error) => (text.textContent = error.message));
  return text;
}

function link(url) {
  const shown = url.startsWith("data:") ? "data" : url;
  return h("a.address", { href: url, target: "_blank", rel: "noopener" }, shown);
}
