"use strict";

// Saves each score, and the note as one types: one small request for what changed, one at a time. What cannot be sent
// stays on this device until the server has it. In a scale, a digit gives the score and leads to the next.
(() => {
  const { PAUSE, RETRY, DAY, say, store } = autosave;

  const form = document.getElementById("review-form");
  const key = `review:${form.dataset.key}`;
  const CONTROLS = new Set(["csrfmiddlewaretoken", "do", "go"]);
  const names = [...new Set([...form.elements].map(({ name }) => name))].filter((name) => name && !CONTROLS.has(name));
  const valueOf = (name) => new FormData(form).get(name) ?? "";
  const saved = Object.fromEntries(names.map((name) => [name, valueOf(name)]));
  const changed = () => names.filter((name) => valueOf(name) !== saved[name]);

  const keep = (sentAt = null) => {
    const values = Object.fromEntries(changed().map((name) => [name, valueOf(name)]));
    store((storage) => {
      if (!Object.keys(values).length) return storage.removeItem(key);
      return storage.setItem(key, JSON.stringify({ values, sentAt, at: Date.now() }));
    });
  };
  // Of what was sent with a button nobody heard whether it arrived: it did when the review has been saved since.
  const restore = () => {
    const entry = store((storage) => JSON.parse(storage.getItem(key)));
    if (!entry) return;
    const arrived = entry.sentAt !== null && entry.sentAt !== form.dataset.revision;
    if (arrived || Date.now() - entry.at > DAY) return store((storage) => storage.removeItem(key));
    for (const name of names.filter((name) => name in entry.values)) {
      const field = form.elements.namedItem(name);
      field.value = entry.values[name];
    }
    if (!changed().length) return keep();
    say("restored");
    schedule(PAUSE);
  };

  const send = async (batch) => {
    const sent = Object.fromEntries(batch.map((name) => [name, valueOf(name)]));
    const token = form.elements.namedItem("csrfmiddlewaretoken").value;
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, ...sent });
    try {
      const response = await fetch(form.dataset.autosave, { method: "POST", body, redirect: "manual" });
      if (response.type === "opaqueredirect" || response.status === 403) return say("login");
      if (response.status === 404) return say("refused");
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
      const answer = isJson ? await response.json() : null;
      if (!answer) throw new Error(response.statusText);
      if (answer.errors) return say("refused");
      Object.assign(saved, sent);
      form.dataset.revision = answer.revision;
      document.getElementById("review-progress").textContent = answer.progress;
      document.querySelector(".review-progress progress").value = answer.done;
      say("saved");
      return true;
    } catch {
      say("offline");
      schedule(RETRY);
    } finally {
      keep();
    }
  };

  const { save, schedule } = autosave.sender(form, {
    waiting: changed,
    send,
    leave: () => keep(form.dataset.revision),
  });

  form.addEventListener("input", ({ target }) => {
    keep();
    schedule(target.type === "radio" ? 0 : PAUSE);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });

  // Only while a scale has the focus, so that no digit acts by surprise.
  const scales = [...form.querySelectorAll("fieldset.scale")];
  const into = (scale) => scale?.querySelector("input:checked") ?? scale?.querySelector("input");
  form.addEventListener("keydown", (event) => {
    const scale = event.target.closest("fieldset.scale");
    if (!scale || event.ctrlKey || event.altKey || event.metaKey || !/^[0-9]$/.test(event.key)) return;
    const step = scale.querySelector(`input[value="${event.key}"]`);
    if (!step) return;
    event.preventDefault();
    step.checked = true;
    step.dispatchEvent(new Event("input", { bubbles: true }));
    (into(scales[scales.indexOf(scale) + 1]) ?? form.elements.namedItem("note")).focus();
  });
  document.getElementById("keys").hidden = false;

  restore();
})();
