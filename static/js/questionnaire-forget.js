"use strict";

// Once everything is submitted, or somebody closes their application on this device, it keeps no copy of it.
(() => {
  const forget = () => {
    try {
      Object.keys(window.localStorage)
        .filter((key) => key.startsWith("ravisit:"))
        .forEach((key) => window.localStorage.removeItem(key));
    } catch {
      // Nothing is kept where the browser keeps nothing.
    }
  };

  for (const element of document.querySelectorAll("[data-forget]")) {
    if (element instanceof HTMLFormElement) element.addEventListener("submit", forget);
    else forget();
  }
})();
