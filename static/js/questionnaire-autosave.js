"use strict";

// Saves what is typed as one types: only the inputs that changed, one request at a time. What cannot be sent stays
// on this device until the server has it. Files go with "Save and continue".
(() => {
  const PAUSE = 900; // milliseconds without typing before a request
  const RETRY = 15000; // milliseconds until the next try after one that failed
  const WAIT = 3000; // milliseconds that a button waits for a request under way
  const DAY = 24 * 3600 * 1000;

  const form = document.getElementById("questionnaire");
  const state = document.getElementById("save-state");
  const shownInput = form.elements.namedItem("shown");
  const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
  const CONTROLS = new Set(["csrfmiddlewaretoken", "draft", "shown", "seen", "warned", "go"]);

  const isTyped = (input) =>
    input.name && !CONTROLS.has(input.name) && !["file", "hidden", "submit"].includes(input.type) &&
    !/^(keep|remove)-/.test(input.name) && input.tagName !== "BUTTON";
  const inputsOf = (name) => [...form.elements].filter((input) => input.name === name && isTyped(input));
  const names = [...new Set([...form.elements].filter(isTyped).map((input) => input.name))];
  const isChoice = (input) => ["radio", "checkbox"].includes(input.type);
  const valuesOf = (name) =>
    inputsOf(name).filter((input) => !isChoice(input) || input.checked).map((input) => input.value).filter(Boolean);
  const same = (a, b) => a.length === b.length && a.every((value, index) => value === b[index]);

  // What the server is known to have, as this page shows it: not the inputs that wait for a choice.
  const conflicts = new Set([...form.querySelectorAll(".rv-conflict")].map(({ id }) => id.slice("conflict-".length)));
  const saved = Object.fromEntries(names.map((name) => [name, conflicts.has(name) ? null : valuesOf(name)]));
  const shown = JSON.parse(shownInput.value);
  const changed = () => names.filter((name) => !saved[name] || !same(valuesOf(name), saved[name]));

  const say = (what, time) => {
    const text = state.dataset[what] ?? "";
    const clock = time?.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
    const words = clock ? text.replace("(time)", clock) : text;
    if (state.textContent !== words) state.textContent = words;
  };

  // The device's own copy. A browser may refuse to keep anything.
  const PREFIX = "ravisit:";
  const keyOf = (draft) => `${PREFIX}${draft || "new"}:${form.dataset.page}`;
  const store = (action) => {
    try {
      return action(window.localStorage);
    } catch {
      return null;
    }
  };
  const read = (key) => store((storage) => JSON.parse(storage.getItem(key)));
  const forget = (key = keyOf(form.dataset.draft)) => store((storage) => storage.removeItem(key));
  const keep = (left, sentAt = null) => {
    if (!left.length) return forget();
    const values = Object.fromEntries(left.map((name) => [name, valuesOf(name)]));
    const marks = Object.fromEntries(left.map((name) => [name, shown[name] ?? ""]));
    const entry = JSON.stringify({ at: Date.now(), sentAt, values, shown: marks });
    store((storage) => storage.setItem(keyOf(form.dataset.draft), entry));
  };

  // Of what was sent with a button nobody heard whether it arrived: it did when the draft has grown since.
  const revision = Number(form.dataset.revision);
  const isOutdated = ({ at, sentAt }) => Date.now() - at > DAY || (sentAt !== null && sentAt < revision);
  const tidyUp = () => {
    const keys = store((storage) => Object.keys(storage).filter((key) => key.startsWith(PREFIX))) ?? [];
    keys.filter((key) => isOutdated(read(key))).forEach((key) => forget(key));
  };

  const put = (name, values) => {
    for (const input of inputsOf(name)) {
      if (isChoice(input)) input.checked = values.includes(input.value);
      else input.value = values[0] ?? "";
    }
  };
  const restore = () => {
    const entry = read(keyOf(form.dataset.draft));
    if (!entry) return;
    const known = Object.keys(entry.values).filter((name) => names.includes(name));
    const back = known.filter((name) => !same(valuesOf(name), entry.values[name]));
    for (const name of back) {
      put(name, entry.values[name]);
      shown[name] = entry.shown[name];
    }
    shownInput.value = JSON.stringify(shown);
    if (!back.length) return forget();
    form.dispatchEvent(new Event("restored"));
    say("restored");
    schedule(PAUSE);
  };

  const takeOver = (answer, sent) => {
    for (const [name, mark] of Object.entries(answer.shown)) {
      shown[name] = mark;
      saved[name] = sent[name];
    }
    shownInput.value = JSON.stringify(shown);
    answer.conflicts.forEach((name) => conflicts.add(name));
    if (answer.key && answer.key !== form.dataset.draft) {
      forget(); // what was kept before there was a draft
      form.dataset.draft = answer.key;
      const reference = form.elements.namedItem("draft") ?? form.appendChild(document.createElement("input"));
      Object.assign(reference, { type: "hidden", name: "draft", value: answer.draft });
    }
  };

  let timer;
  let underWay = null;
  const schedule = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  const send = async (batch) => {
    const sent = Object.fromEntries(batch.map((name) => [name, valuesOf(name)]));
    const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.namedItem("csrfmiddlewaretoken").value });
    const reference = form.elements.namedItem("draft");
    if (reference) body.append("draft", reference.value);
    body.append("shown", JSON.stringify(Object.fromEntries(batch.map((name) => [name, shown[name] ?? ""]))));
    for (const name of batch) {
      (sent[name].length ? sent[name] : [""]).forEach((value) => body.append(name, value));
    }
    try {
      const response = await fetch(form.dataset.autosave, { method: "POST", body, redirect: "error" });
      if (response.status === 204) return say("");
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
      const answer = isJson ? await response.json() : null;
      if (answer?.closed) return say("closed");
      if (!answer) throw new Error(response.statusText);
      takeOver(answer, sent);
      say(answer.conflicts.length ? "conflict" : "saved", new Date());
    } catch {
      say("offline");
      schedule(RETRY);
    }
    keep(changed());
  };

  const save = async () => {
    const batch = changed().filter((name) => !conflicts.has(name));
    if (underWay || !batch.length) return;
    underWay = send(batch);
    await underWay;
    underWay = null;
    if (state.textContent !== state.dataset.offline && changed().some((name) => !conflicts.has(name))) schedule(PAUSE);
  };

  form.addEventListener("input", () => {
    keep(changed());
    schedule(PAUSE);
  });
  window.addEventListener("online", () => schedule(0));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && changed().length) save();
  });

  // A button waits for a request under way: the two could otherwise begin two drafts.
  let isLeaving = false;
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    if (underWay) {
      event.preventDefault();
      const { submitter } = event;
      await Promise.race([underWay, new Promise((resolve) => setTimeout(resolve, WAIT))]);
      underWay = null;
      form.requestSubmit(submitter);
      return;
    }
    isLeaving = true;
    keep(changed(), revision);
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    isLeaving = false;
    if (persisted) keep(changed());
  });

  // Leaving with something that only this page has: the browser asks first.
  const hasFiles = () => [...form.querySelectorAll("input[type=file]")].some((input) => input.files.length);
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && (hasFiles() || changed().length)) event.preventDefault();
  });

  tidyUp();
  restore();
})();
