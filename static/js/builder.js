"use strict";

// Dragging sections and questions by a handle. The numbers and arrows beside it do the same without this script.
(() => {
  const outline = document.getElementById("outline");
  const lists = (kind) => [...outline.querySelectorAll(`[data-list="${kind}"]`)];
  const items = (list) => [...list.children].filter((child) => child.dataset.item);
  const distance = (rect, y) => Math.max(rect.top - y, y - rect.bottom, 0);

  // After a move, the keyboard goes on where it was: at the row that moved.
  // (Only then: on its way to the row, the browser itself takes the focus away.)
  window.addEventListener("load", () => {
    if (location.hash) outline.querySelector(`${location.hash} .arrow`)?.focus();
  });

  // Where the row would go is marked; the row itself stays until the end, since one that leaves the page in
  // between would lose the pointer.
  const mark = document.createElement("li");
  mark.className = "drop-mark";
  const markAt = (item, y) => {
    const [nearest] = lists(item.dataset.item).sort(
      (one, other) => distance(one.getBoundingClientRect(), y) - distance(other.getBoundingClientRect(), y),
    );
    const after = items(nearest).find((other) => {
      const { top, height } = other.getBoundingClientRect();
      return y < top + height / 2;
    });
    nearest.insertBefore(mark, after ?? null);
  };

  const writeNumbers = () => {
    for (const list of [...lists("section"), ...lists("question")]) {
      items(list).forEach((item, index) => {
        item.querySelector(".place").value = index + 1;
        if (list.dataset.section) outline.elements[`${item.id}-in`].value = list.dataset.section;
      });
    }
  };

  const scrollNearEdge = (y) => {
    const edge = 60;
    if (y < edge) window.scrollBy(0, -12);
    if (y > window.innerHeight - edge) window.scrollBy(0, 12);
  };

  const drag = (item, handle, start) => {
    const before = [item.parentElement, item.nextElementSibling];
    const stop = new AbortController();
    handle.setPointerCapture(start.pointerId);
    item.classList.add("dragged");
    const end = (keep) => {
      stop.abort();
      item.classList.remove("dragged");
      if (keep && mark.isConnected) mark.replaceWith(item);
      mark.remove();
      if (item.parentElement === before[0] && item.nextElementSibling === before[1]) return;
      writeNumbers();
      outline.elements.moved.value = item.id;
      outline.requestSubmit();
    };
    const listen = (target, type, listener) => target.addEventListener(type, listener, { signal: stop.signal });
    listen(handle, "pointermove", ({ clientY }) => {
      scrollNearEdge(clientY);
      markAt(item, clientY);
    });
    listen(handle, "pointerup", () => end(true));
    listen(handle, "pointercancel", () => end(false));
    listen(document, "keydown", ({ key }) => {
      if (key === "Escape") end(false);
    });
  };

  for (const item of outline.querySelectorAll("[data-item]")) {
    const handle = document.createElement("span");
    handle.className = "handle";
    handle.setAttribute("aria-hidden", "true");
    handle.textContent = "⠿";
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      drag(item, handle, event);
    });
    item.querySelector(".row").prepend(handle);
  }
})();
