"use strict";

// Beside a moment in the event's time zone, the same moment in the visitor's own, where the clocks differ.
(() => {
  const write = (moment, timeZone) => writeMoment(moment, { dateStyle: "long", timeStyle: "short", timeZone });

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
