// Making elements, and the few things that every view does with them.

let count = 0;

/** An id that no other element has. */
export const newId = () => `e${++count}`;

/**
 * Make an element.
 * @param {string} tag tag name, with classes after dots: "p.note.dim"
 * @param {object} [props] on…: listeners; aria-…, data-…, role, for: attributes; others: properties
 * @param {...(Node|string|null|undefined|false)} children text goes in as text, never as HTML
 */
export function h(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (/^(aria-|data-|role$|for$|list$|inputmode$)/.test(key)) element.setAttribute(key, value);
    else element[key] = value;
  }
  return fill(element, ...children);
}

/** Append those children that are there. */
export function fill(element, ...children) {
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Say something to those who cannot see the page change. */
export function announce(text) {
  document.getElementById("said").textContent = text;
}

/** A button that copies what `text()` returns at that moment. */
export function copyButton(text, label = "Copy") {
  const button = h("button.quiet.small", { type: "button" }, label);
  button.addEventListener("click", async () => {
    await copy(text());
    button.textContent = "Copied";
    announce("Copied");
    setTimeout(() => (button.textContent = label), 1200);
  });
  return button;
}

async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Without TLS, browsers keep the clipboard from pages that are not on this machine.
  const area = h("textarea.unseen", { value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

/** Run `call` when it has not been asked for again for `milliseconds`. */
export function debounced(call, milliseconds) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => call(...args), milliseconds);
  };
}

/** A model id as part of an address: its slashes stay. */
export const inPath = (id) => id.split("/").map(encodeURIComponent).join("/");

/** A price in US dollars, to the cent or as much finer as it is. */
export const dollars = (amount) => `$${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;

/** A time of day, with the date where that is another day. */
export function clockTime(text) {
  const time = new Date(text);
  const today = time.toDateString() === new Date().toDateString();
  return today ? time.toLocaleTimeString() : time.toLocaleString();
}
