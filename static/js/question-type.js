"use strict";

// On the page of a question: options and rows are out of the way of a type that has none, unless they are filled.
(() => {
  const type = document.getElementById("id_kind");
  const isFilled = (group) =>
    Number(group.querySelector("[name$='-INITIAL_FORMS']").value) > 0 ||
    [...group.querySelectorAll("input[type=text]")].some(({ value }) => value.trim());
  const update = () => {
    for (const name of ["options", "rows"]) {
      const group = document.getElementById(`${name}-group`);
      if (group) group.hidden = !type.dataset[name].split(" ").includes(type.value) && !isFilled(group);
    }
  };
  type?.addEventListener("change", update);
  if (type) update();
})();
