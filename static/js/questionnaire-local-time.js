"use strict";

// Beside a moment in the event's time zone, the same moment in the visitor's own, where the clocks differ.
(() => {
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const write = (moment, timeZone) => {
    const text = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", timeZone }).format(moment);
    return language === "fr" ? text.replace(":", "\u00a0h\u00a0") : text; // as the page writes the moment beside it
  };

  for (const element of document.querySelectorAll("time[data-zone]")) {
    const moment = new Date(element.dateTime);
    const here = write(moment);
    if (here === write(moment, element.dataset.zone)) continue;
    const note = document.createElement("span");
    note.className = "rv-local-time";
    note.textContent = ` (${element.dataset.local.replace("(moment)", here)})`;
    element.after(note);
  }
})();
