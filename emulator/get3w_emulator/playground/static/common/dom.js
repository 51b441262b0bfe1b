// Making elements, and the few things that every view does with them.

const PAUSE = 1500; // milliseconds between two looks
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
    else if (/^(aria-|data-|role$|for$|list$|inputmode$|scope$)/.test(key)) element.setAttribute(key, value);
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

/**
 * A button that copies what `text()` returns at that moment.
 * @param {() => string} text
 * @param {string} [label] what it shows
 * @param {string} [name] what it is called for those who do not see what it stands beside
 */
export function copyButton(text, label = "Copy", name = label) {
  const button = h("button.quiet.small", { type: "button" }, label);
  const say = (text, spoken) => {
    button.textContent = text;
    button.ariaLabel = spoken;
  };
  say(label, name);
  button.addEventListener("click", async () => {
    await copy(text());
    say("Copied", "Copied");
    announce("Copied");
    setTimeout(() => say(label, name), 1200);
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

/** Make `parent` hold these elements in this order, and move no element that is in its place. */
export function reconcile(parent, elements) {
  let at = parent.firstChild;
  for (const element of elements) {
    if (element === at) at = at.nextSibling;
    else parent.insertBefore(element, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

/**
 * Run `look` again and again while the page can be seen.
 * @returns {() => void} what ends that
 */
export function poll(look) {
  let stopped = false;
  (async () => {
    while (!stopped) {
      await new Promise((done) => setTimeout(done, PAUSE));
      if (!stopped && !document.hidden) await look();
    }
  })();
  return () => (stopped = true);
}

/** Arrow keys move the focus from the search on through `links()`, and back. */
export function walk(event, search, links, more) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target.closest("select, input[type=number]")) return;
  let shown = links();
  const at = shown.indexOf(document.activeElement);
  if (at < 0 && document.activeElement !== search) return;
  event.preventDefault();
  if (at + step >= shown.length && more?.()) shown = links();
  (at + step < 0 ? search : shown[Math.min(at + step, shown.length - 1)])?.focus();
}
