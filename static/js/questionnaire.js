"use strict";

// Comfort while filling in. Without this script every page works just as well: the server decides.
(() => {
  // What the page has to say: take keyboard and screen reader to the summary, whose links lead to the fields.
  const remarks = ["doubt", "changed", "errors", "conflicts", "warnings"];
  remarks.map((id) => document.getElementById(id)).find(Boolean)?.focus();

  const form = document.getElementById("questionnaire");

  // Groups of three digits with a narrow space between, as both languages write them.
  const inThousands = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

  // How much is written, counted as the server does: after NFC, without space around, in code points.
  const addCounter = (area) => {
    const limit = Number(area.dataset.maxlength);
    const counter = document.createElement("p");
    counter.className = "rv-counter";
    counter.id = `${area.id}_counter`;
    const spoken = document.createElement("span");
    spoken.className = "ecl-u-sr-only";
    spoken.setAttribute("aria-live", "polite");
    area.after(counter, spoken);
    area.setAttribute("aria-describedby", `${area.getAttribute("aria-describedby") ?? ""} ${counter.id}`.trim());

    // Read aloud once typing pauses, and only near the limit or over it.
    let pause;
    const speak = (used) => {
      clearTimeout(pause);
      pause = setTimeout(() => {
        spoken.textContent = used >= limit * 0.9 ? counter.textContent : "";
      }, 1000);
    };
    const update = () => {
      const used = [...area.value.normalize("NFC").trim()].length;
      counter.textContent = `${inThousands(used)} / ${inThousands(limit)}`;
      counter.classList.toggle("rv-counter--over", used > limit);
      return used;
    };
    area.addEventListener("input", () => speak(update()));
    update();
  };
  form.querySelectorAll("[data-maxlength]").forEach(addCounter);

  // Questions that are asked only after certain answers, on this page or, as the server says, on others.
  const elsewhere = JSON.parse(form.dataset.answers);
  const answersIn = (block, key) => {
    if (block.hidden) return [];
    const answers = [];
    for (const input of block.querySelectorAll("input:not([type=hidden]), select, textarea")) {
      const value = input.type === "file" ? input.files[0]?.name ?? "" : input.value.trim();
      const isChosen = !["radio", "checkbox"].includes(input.type) || input.checked;
      if (!value || !isChosen) continue;
      if (input.name === key) answers.push(value);
      else if (input.type === "radio" && input.name.startsWith(`${key}-`)) {
        answers.push(`${input.name.slice(key.length + 1)}:${value}`);
      }
    }
    const kept = block.querySelector("[data-kept]");
    return kept && !kept.querySelector("input:checked") ? [...answers, kept.dataset.kept] : answers;
  };
  const answersTo = (key) => {
    const block = document.getElementById(`question-${key}`);
    return block ? answersIn(block, key) : elsewhere[key] ?? [];
  };
  const operators = {
    answered: (answers) => answers.length > 0,
    unanswered: (answers) => answers.length === 0,
    is_one_of: (answers, values) => answers.some((answer) => values.includes(answer)),
    is_none_of: (answers, values) => !answers.some((answer) => values.includes(answer)),
  };
  const holds = ({ question, operator, values }) => operators[operator](answersTo(question), values);

  const conditional = [...form.querySelectorAll("[data-shown-when]")].map((block) => ({
    block,
    ...JSON.parse(block.dataset.shownWhen),
  }));
  const seen = document.createElement("input");
  seen.type = "hidden";
  seen.name = "seen";
  form.append(seen);
  const showWhatIsAsked = () => {
    // In the order of the page: a question hidden here has no answer for the ones after it.
    for (const { block, match, conditions } of conditional) {
      block.hidden = !(match === "any" ? conditions.some(holds) : conditions.every(holds));
    }
    const shown = conditional.filter(({ block }) => !block.hidden);
    seen.value = shown.map(({ block }) => block.id.slice("question-".length)).join(" ");
  };
  // The text beside an "other" is there once that is chosen, and as long as something stands in it.
  const showWhatIsBeside = () => {
    for (const text of form.querySelectorAll("[data-beside]")) {
      const { beside, openedBy } = text.dataset;
      text.closest(".rv-beside").hidden = !text.value && !answersTo(beside).includes(openedBy);
    }
  };
  const update = () => {
    showWhatIsAsked();
    showWhatIsBeside();
  };
  form.addEventListener("input", update);
  form.addEventListener("restored", update);
  update();
})();
