"use strict";

// Keeps the figures of a release fresh. Without this script the link "Show the newest figures" does the same.
(() => {
  const part = document.getElementById("progress");
  const every = 1000 * Number(part.dataset.every);

  const look = async () => {
    // What somebody is about to press stays where it is.
    if (document.hidden || part.contains(document.activeElement)) return;
    const answer = await fetch(part.dataset.url, { credentials: "same-origin", redirect: "error" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    // The status is kept and only its text changes, so that screen readers say what is new.
    const status = part.querySelector("[role=status]");
    const said = fresh.querySelector("[role=status]");
    if (status.textContent !== said.textContent) status.textContent = said.textContent;
    said.remove();
    part.replaceChildren(...fresh.childNodes, status);
  };

  const again = () => setTimeout(() => look().catch(() => {}).finally(again), every);
  again();
})();
