"use strict";

// How the page's language writes a moment, as the server does: "9:05" is "9 h 05" in French.
const writeMoment = (moment, options) => {
  const { lang } = document.documentElement;
  const text = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, options).format(moment);
  return lang === "fr" ? text.replace(/0?(\d+):/, "$1\u00a0h\u00a0") : text;
};
