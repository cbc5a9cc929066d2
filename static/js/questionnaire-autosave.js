"use strict";

// Saves what is typed as one types: only the inputs that changed, one request at a time. What cannot be sent stays
// on this device until the server has it. Files go with "Save and continue".
(() => {
  const { PAUSE, RETRY, DAY, say, store } = autosave;

  const form = document.getElementById("questionnaire");
  const shownInput = form.elements.namedItem("shown");
  const CONTROLS = new Set(["csrfmiddlewaretoken", "draft", "page", "shown", "seen", "warned", "go", "page-topic"]);

  const isTyped = (input) =>
    input.name && !CONTROLS.has(input.name) && !["file", "hidden", "submit"].includes(input.type) &&
    !/^(keep|remove)-/.test(input.name) && input.tagName !== "BUTTON";
  const inputsOf = (name) => [...form.elements].filter((input) => input.name === name && isTyped(input));
  const names = [...new Set([...form.elements].filter(isTyped).map((input) => input.name))];
  const isChoice = (input) => ["radio", "checkbox"].includes(input.type);
  const valuesOf = (name) =>
    inputsOf(name).filter((input) => !isChoice(input) || input.checked).map((input) => input.value).filter(Boolean);
  const same = (a, b) => a.length === b.length && a.every((value, index) => value === b[index]);

  // What the server is known to have, as this page shows it: not the inputs that wait for a choice, and nothing at all
  // while there is no draft, as on a page that came back unsaved.
  const conflicts = new Set([...form.querySelectorAll(".rv-conflict")].map(({ id }) => id.slice("conflict-".length)));
  const known = (name) => (form.dataset.draft ? valuesOf(name) : []);
  const saved = Object.fromEntries(names.map((name) => [name, conflicts.has(name) ? null : known(name)]));
  const shown = JSON.parse(shownInput.value);
  const changed = () => names.filter((name) => !saved[name] || !same(valuesOf(name), saved[name]));

  // The device's own copy.
  const PREFIX = "ravisit:";
  const keyOf = (draft) => `${PREFIX}${draft || "new"}:${form.dataset.page}`;
  const read = (key) => store((storage) => JSON.parse(storage.getItem(key)));
  const forget = (key = keyOf(form.dataset.draft)) => store((storage) => storage.removeItem(key));
  // Of questions that have left this page since they were typed into; `page` says when that was.
  let strays = { page: form.elements.namedItem("page").value, values: {}, shown: {} };
  const keep = (left, sentAt = null) => {
    const values = { ...strays.values, ...Object.fromEntries(left.map((name) => [name, valuesOf(name)])) };
    if (!Object.keys(values).length) return forget();
    const marks = { ...strays.shown, ...Object.fromEntries(left.map((name) => [name, shown[name] ?? ""])) };
    const entry = JSON.stringify({ at: Date.now(), sentAt, page: strays.page, values, shown: marks });
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
    const [known, gone] = [true, false].map((isHere) =>
      Object.keys(entry.values).filter((name) => names.includes(name) === isHere));
    if (gone.length) {
      const only = (map) => Object.fromEntries(gone.map((name) => [name, map[name]]));
      strays = { page: entry.page, values: only(entry.values), shown: only(entry.shown) };
      rescue();
    }
    const back = known.filter((name) => !same(valuesOf(name), entry.values[name]));
    for (const name of back) {
      put(name, entry.values[name]);
      shown[name] = entry.shown[name];
    }
    shownInput.value = JSON.stringify(shown);
    if (!back.length) return keep(changed());
    form.dispatchEvent(new Event("restored"));
    say("restored");
    schedule(PAUSE);
  };

  const post = (values, marks, page) => {
    const body = new URLSearchParams({ csrfmiddlewaretoken: form.elements.namedItem("csrfmiddlewaretoken").value });
    const reference = form.elements.namedItem("draft");
    if (reference) body.append("draft", reference.value);
    body.append("page", page);
    body.append("shown", JSON.stringify(marks));
    for (const [name, content] of Object.entries(values)) {
      (content.length ? content : [""]).forEach((value) => body.append(name, value));
    }
    return fetch(form.dataset.autosave, { method: "POST", body, redirect: "error" });
  };

  // The server knows where the questions went that have left this page.
  const rescue = async () => {
    try {
      const response = await post(strays.values, strays.shown, strays.page);
      if (!response.ok) return;
      strays = { ...strays, values: {}, shown: {} };
      keep(changed());
    } catch {
      setTimeout(rescue, RETRY);
    }
  };

  const takeOver = (answer, sent) => {
    for (const [name, mark] of Object.entries(answer.shown)) {
      shown[name] = mark;
      saved[name] = sent[name];
    }
    shownInput.value = JSON.stringify(shown);
    [...answer.conflicts, ...answer.gone].forEach((name) => conflicts.add(name));
    if (answer.key && answer.key !== form.dataset.draft) {
      forget(); // what was kept before there was a draft
      form.dataset.draft = answer.key;
      const reference = form.elements.namedItem("draft") ?? form.appendChild(document.createElement("input"));
      Object.assign(reference, { type: "hidden", name: "draft", value: answer.draft });
    }
  };

  // Sends some of the inputs; the answer is whether it makes sense to go on at once with what was typed meanwhile.
  const send = async (batch) => {
    const sent = Object.fromEntries(batch.map((name) => [name, valuesOf(name)]));
    const marks = Object.fromEntries(batch.map((name) => [name, shown[name] ?? ""]));
    let goesOn = false;
    try {
      const response = await post(sent, marks, form.elements.namedItem("page").value);
      if (response.status === 204) return say("");
      const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
      const answer = isJson ? await response.json() : null;
      if (answer?.closed) return say("closed");
      if (!answer) throw new Error(response.statusText);
      takeOver(answer, sent);
      say(answer.conflicts.length ? "conflict" : answer.changed ? "changed" : "saved");
      goesOn = true;
    } catch {
      say("offline");
      schedule(RETRY);
    }
    keep(changed());
    return goesOn;
  };

  let isLeaving = false;
  const { save, schedule } = autosave.sender(form, {
    waiting: () => changed().filter((name) => !conflicts.has(name)),
    send,
    leave: () => {
      isLeaving = true;
      keep(changed(), revision);
    },
  });

  form.addEventListener("input", () => {
    keep(changed());
    schedule(PAUSE);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && !isLeaving && changed().length) save();
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
  if (!form.dataset.draft && changed().length) schedule(PAUSE);
})();
