"use strict";

// What the forms share that save by themselves: the line that says so, the device's own copy, one request at a time.
const autosave = (() => {
  const PAUSE = 900; // milliseconds without typing before a request
  const RETRY = 15000; // milliseconds until the next try after one that failed
  const WAIT = 3000; // milliseconds that a button waits for a request under way
  const DAY = 24 * 3600 * 1000;

  // Nothing is said twice: a screen reader would read it again.
  const say = (what) => {
    const state = document.getElementById("save-state");
    const words = (state.dataset[what] ?? "").replace("(time)", writeMoment(new Date(), { timeStyle: "short" }));
    if (state.textContent !== words) state.textContent = words;
    state.dataset.says = what;
  };

  // Storage may be full, or switched off: then nothing is kept on this device.
  const store = (action) => {
    try {
      return action(window.localStorage);
    } catch {
      return null;
    }
  };

  // `send` sends what `waiting` names; its answer is whether it makes sense to go on with what was typed meanwhile.
  // `leave` is told when a button takes the page away.
  const sender = (form, { waiting, send, leave }) => {
    let timer;
    let underWay = null;
    const schedule = (delay) => {
      clearTimeout(timer);
      timer = setTimeout(save, delay);
    };
    const save = async () => {
      const batch = waiting();
      if (underWay || !batch.length) return;
      underWay = send(batch);
      const goesOn = await underWay;
      underWay = null;
      if (goesOn && waiting().length) schedule(PAUSE);
    };

    // A button waits for a request under way: it could arrive last, with what is older, or begin a second draft.
    form.addEventListener("submit", async (event) => {
      clearTimeout(timer);
      if (!underWay) return leave();
      event.preventDefault();
      const { submitter } = event;
      await Promise.race([underWay, new Promise((resolve) => setTimeout(resolve, WAIT))]);
      underWay = null;
      form.requestSubmit(submitter);
    });
    window.addEventListener("online", () => schedule(0));
    return { save, schedule };
  };

  return { PAUSE, RETRY, DAY, say, store, sender };
})();
