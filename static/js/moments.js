"use strict";

// How the page's language writes a moment, as the server does: "9.05" in English, "9 h 05" in French.
const writeMoment = (moment, options) => {
  const { lang } = document.documentElement;
  const text = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, options).format(moment);
  return text.replace(/0?(\d+):/, lang === "fr" ? "$1\u00a0h\u00a0" : "$1.");
};
