// Media: an address, or a file that is uploaded and becomes one.

import { upload } from "../common/api.js";
import { announce, h, newId } from "../common/dom.js";

const ENDINGS = {
  image: ".png,.jpg,.jpeg,.webp,.gif",
  video: ".mp4,.webm,.mov",
  audio: ".mp3,.wav,.flac,.m4a",
};

export function media(schema, { value, changed, name }) {
  const kind = schema["x-get3w-media"];
  const input = h("input", {
    id: newId(),
    type: "text",
    inputmode: "url",
    autocomplete: "off",
    value: value ?? "",
    placeholder: "URL, or drop a file here",
    oninput: () => {
      preview();
      changed(Boolean(input.value));
    },
  });
  const shown = h("div.preview", { hidden: true });
  const { element: chooser, state, take } = picker(kind, name, false, (url) => {
    input.value = url;
    preview();
    changed();
  });
  function preview() {
    const own = input.value.startsWith(`${location.origin}/`);
    shown.hidden = !own; // nothing is fetched from elsewhere
    shown.replaceChildren(...(own ? [player(kind, input.value)] : []));
  }
  preview();
  const element = h("div.media", {}, h("div.row", {}, input, chooser), state, shown);
  acceptDrops(element, take);
  return {
    element,
    target: input,
    read: () => input.value || undefined,
    clear: () => {
      input.value = "";
      state.hidden = true;
      preview();
    },
  };
}

/** What stands under a list of media: upload several at once. */
export function mediaListDrop(kind, added) {
  const { element: chooser, state, take } = picker(kind, "files", true, added);
  const element = h("div.media.several", {}, chooser, h("span.dim", {}, "or drop files here"), state);
  acceptDrops(element, take);
  return element;
}

/** Show what is at an address of this server. */
export function player(kind, url) {
  if (kind === "video") return h("video", { src: url, controls: true, muted: true, loop: true });
  if (kind === "audio") return h("audio", { src: url, controls: true });
  return h("img", { src: url, alt: "" });
}

function picker(kind, name, multiple, uploaded) {
  const state = h("p.state", { role: "status", hidden: true });
  const files = h("input.unseen", {
    type: "file",
    multiple,
    accept: ENDINGS[kind] ?? "",
    tabIndex: -1,
    "aria-label": `File for ${name}`,
    onchange: () => take(files.files),
  });
  const button = h("button.small", { type: "button", onclick: () => files.click() }, multiple ? "Upload files" : "Upload");
  async function take(chosen) {
    for (const file of multiple ? chosen : [...chosen].slice(0, 1)) {
      say(`Uploading ${file.name}…`);
      try {
        uploaded(await upload(file));
        say(`Uploaded ${file.name}`);
      } catch (error) {
        say([`${file.name}: ${error.message}`, ...(error.details ?? []).map((each) => each.message)].join(" "), true);
      }
    }
    files.value = ""; // the same file can be chosen again
  }
  function say(text, wrong = false) {
    state.hidden = false;
    state.textContent = text;
    state.classList.toggle("bad", wrong);
    announce(text);
  }
  return { element: h("span", {}, button, files), state, take };
}

function acceptDrops(element, take) {
  const mark = (over) => (event) => {
    event.preventDefault();
    element.classList.toggle("over", over);
  };
  element.addEventListener("dragover", mark(true));
  element.addEventListener("dragleave", mark(false));
  element.addEventListener("drop", (event) => {
    mark(false)(event);
    if (event.dataTransfer.files.length) take(event.dataTransfer.files);
  });
}
