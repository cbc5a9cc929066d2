"use strict";

// Comfort while filling in. Without this script every page works just as well: the server decides.
(() => {
  // Errors: take keyboard and screen reader to the summary, whose links lead to the fields.
  document.getElementById("errors")?.focus();

  const form = document.getElementById("questionnaire");

  // How much is written, counted as the server does: after NFC, without space around, in code points.
  const addCounter = (area) => {
    const limit = Number(area.dataset.maxlength);
    const counter = document.createElement("p");
    counter.className = "rv-counter";
    counter.id = `${area.id}_counter`;
    area.after(counter);
    area.setAttribute("aria-describedby", `${area.getAttribute("aria-describedby") ?? ""} ${counter.id}`.trim());
    const update = () => {
      const used = [...area.value.normalize("NFC").trim()].length;
      counter.textContent = `${used} / ${limit}`;
      counter.classList.toggle("rv-counter--over", used > limit);
    };
    area.addEventListener("input", update);
    update();
  };
  form.querySelectorAll("[data-maxlength]").forEach(addCounter);

  // Questions that are asked only after certain answers. A condition on another page stays as the server found it.
  const inputsOf = (key) => [...form.querySelectorAll(`[name="${CSS.escape(key)}"]`)];
  const answersTo = (key) =>
    inputsOf(key)
      .filter((input) => !input.closest("[hidden]"))
      .filter((input) => !["radio", "checkbox"].includes(input.type) || input.checked)
      .map((input) => input.value.trim())
      .filter((value) => value !== "");
  const operators = {
    answered: (answers) => answers.length > 0,
    unanswered: (answers) => answers.length === 0,
    is_one_of: (answers, values) => answers.some((answer) => values.includes(answer)),
    is_none_of: (answers, values) => !answers.some((answer) => values.includes(answer)),
  };
  const holds = ({ question, operator, values }) => operators[operator](answersTo(question), values);

  const conditional = [...form.querySelectorAll("[data-shown-when]")]
    .map((block) => ({ block, ...JSON.parse(block.dataset.shownWhen) }))
    .filter(({ conditions }) => conditions.every(({ question }) => inputsOf(question).length > 0));
  const showWhatIsAsked = () => {
    // In the order of the page: a question hidden here has no answer for the ones after it.
    for (const { block, match, conditions } of conditional) {
      block.hidden = !(match === "any" ? conditions.some(holds) : conditions.every(holds));
    }
  };
  form.addEventListener("input", showWhatIsAsked);
  showWhatIsAsked();

  // Leaving with something unsaved: the browser asks first.
  let unsaved = false;
  form.addEventListener("input", () => {
    unsaved = true;
  });
  form.addEventListener("submit", () => {
    unsaved = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
})();
