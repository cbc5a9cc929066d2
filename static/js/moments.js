"use strict";

// How the page's language writes a moment, as the server does: "9.05" in English, "9 h 05" and "1er mai" in French.
const writeMoment = (moment, options) => {
  const { lang } = document.documentElement;
  const text = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, options).format(moment);
  const [hour, first] = lang === "fr" ? ["$1\u00a0h\u00a0", "1er "] : ["$1.", "1 "];
  return text.replace(/0?(\d+):/, hour).replace(/^1 /, first);
};
