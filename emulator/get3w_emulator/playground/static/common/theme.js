// Light or dark: what the system says, until the switch says otherwise. Not a module, so that it
// runs before anything is painted.
"use strict";
{
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const store = (() => {
    try {
      return localStorage;
    } catch {
      return null; // forbidden: the choice lasts as long as the page
    }
  })();
  const chosen = store?.getItem("theme");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const show = () => {
      button.textContent = isDark() ? "☀" : "☾";
      button.title = isDark() ? "Light" : "Dark";
    };
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      store?.setItem("theme", root.dataset.theme);
      show();
    });
    system.addEventListener("change", show);
    show();
  });
}
