// What the page keeps in the browser. Where that is full or forbidden, the page works without.

export function remember(key, text) {
  try {
    localStorage.setItem(key, text);
  } catch {
    // only a convenience is lost
  }
}

export function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
