"use strict";

// On the page of a question: what a type does not have is out of the way, options and rows unless they are filled.
(() => {
  const type = document.getElementById("id_kind");
  const isFilled = (group) =>
    Number(group.querySelector("[name$='-INITIAL_FORMS']").value) > 0 ||
    [...group.querySelectorAll("input[type=text]")].some(({ value }) => value.trim());
  const display = document.getElementById("id_display")?.closest(".fieldBox").parentElement;
  const update = () => {
    display.hidden = type.value !== type.dataset.display;
    for (const name of ["options", "rows"]) {
      const group = document.getElementById(`${name}-group`);
      if (group) group.hidden = !type.dataset[name].split(" ").includes(type.value) && !isFilled(group);
    }
  };
  type?.addEventListener("change", update);
  if (type) update();
})();
