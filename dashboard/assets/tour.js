/* The guided tour: which step is shown, and what leads to the next. The address holds the step (`?tour=losses`),
   this tab remembers that a tour is on, tour_debts.js what it has asked of the plant, tour_panel.js draws. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const KEY = "tour", LOOK_MS = 200, TICK_MS = 250, USUAL_LIMIT_S = 20, ASK_MS = 1500;
  const S = { file: null, index: -1, token: 0, arrived: false, left_ms: 0, begun: false, playing: true, ending: false };
  const tour = (office.tour = { state: S });

  /* --- what this tab remembers ------------------------------------------------------------------- */
  function recall() {
    try { return JSON.parse(sessionStorage.getItem(KEY)) || {}; } catch (error) { return {}; }
  }
  function remember(changes) {
    try { sessionStorage.setItem(KEY, JSON.stringify({ ...recall(), ...changes })); } catch (error) { /* a browser that keeps nothing: each page asks again */ }
  }
  function forget() {
    try { sessionStorage.removeItem(KEY); } catch (error) { /* nothing was kept */ }
  }
  tour.file = async () => {
    if (!S.file) {
      const answer = await fetch("/tour.json", { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      S.file = await answer.json();
    }
    return S.file;
  };

  /* --- the address ------------------------------------------------------------------------------- */
  const named = () => office.address.get("tour");
  function addressOf(step) {
    const address = new URL(step.page, location.origin);
    address.searchParams.set("tour", step.name);
    return address;
  }
  const without = () => {
    const query = new URLSearchParams(location.search);
    query.delete("tour");
    return location.pathname + (String(query) ? "?" + query : "") + location.hash;
  };
  tour.go = async index => {
    const mine = ++S.token, step = await office.tourCast(S.file, index, recall().cast || {}, cast => remember({ cast }));
    if (mine !== S.token) return;
    const address = addressOf(step), there = address.pathname + address.search + address.hash;
    remember({ at: step.name });
    if (address.pathname !== location.pathname) { location.assign(there); return; }
    S.index = -1;
    history.pushState(null, "", there);
    dispatchEvent(new CustomEvent("address"));
  };

  /* --- one step ---------------------------------------------------------------------------------- */
  const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
  const seen = node => node.getBoundingClientRect().height > 0 && getComputedStyle(node).visibility !== "hidden";
  const inSight = selector => [...document.querySelectorAll(selector)].filter(seen);
  tour.pointed = step => inSight(step.point)[0] || null;
  function holds(step) {
    if (!tour.pointed(step)) return false;
    const wait = step.wait;
    if (!wait) return true;
    if (wait.gone) return !inSight(wait.gone).length;
    return inSight(wait.there).some(node => !wait.text || node.textContent.includes(wait.text));
  }
  /* Looks at the page and asks the API until the caption is true, or until its time is over. */
  async function arrive(step, mine) {
    const until = Date.now() + 1000 * (step.wait ? step.wait.limit_s : USUAL_LIMIT_S);
    const numbers = new office.tourNumbers(step.read, ASK_MS);
    let good = false;
    while (mine === S.token && !(good = holds(step) && (await numbers.look())) && Date.now() < until) await sleep(LOOK_MS);
    return { good, numbers };
  }
  async function show(index) {
    const mine = ++S.token;
    S.index = index;
    S.arrived = false;
    const step = await office.tourCast(S.file, index, recall().cast || {}, cast => remember({ cast }));
    if (mine !== S.token) return;
    const there = addressOf(step);
    if (there.pathname !== location.pathname) { location.replace(there.pathname + there.search + there.hash); return; }
    Object.assign(S, { step, left_ms: step.stay_s * 1000, numbers: null });
    remember({ at: step.name });
    office.tourPanel.step(step, index, S.file.steps.length);
    let said = null;
    if (S.begun && step.do) said = await office.tourDebts.ask(step.do);
    if (mine !== S.token) return;
    if (said && !said.ok) office.tourPanel.said(said);
    let found;
    try { found = await arrive(step, mine); }
    catch (error) { found = { good: false, numbers: null }; office.tourPanel.said({ ok: false, message: `step ${step.name}: ${error.message}` }); }
    if (mine !== S.token) return;
    S.arrived = true;
    S.numbers = found.numbers;
    office.tourPanel.arrived(step, found.good, found.numbers ? found.numbers.told : new Map());
  }
  async function follow() {
    const name = named();
    if (!name) { away(); return; }
    try { await tour.file(); }
    catch (error) { office.tourPanel.sentence("The tour cannot be read just now: the dashboard does not answer."); return; }
    const index = S.file.steps.findIndex(step => step.name === name);
    if (index < 0) { office.tourPanel.opening(S.file, `The tour has no step named ${name}.`); return; }
    if (index !== S.index) show(index);
  }
  /* No step in the address: whoever walks about in the middle of a tour finds back to it. */
  async function away() {
    S.token++;
    S.index = -1;
    if (!S.begun) {
      const debts = office.tourDebts.all();
      if (debts.length) office.tourPanel.left(debts);
      else if (office.tourPanel.mode() !== "opening") office.tourPanel.close();
      return;
    }
    try { await tour.file(); } catch (error) { return; }
    const at = S.file.steps.findIndex(step => step.name === recall().at);
    if (!named() && S.begun) office.tourPanel.waits(Math.max(0, at), S.file.steps.length);
  }

  /* --- what a person asks ------------------------------------------------------------------------ */
  tour.open = async () => {
    office.tourOffer.done();
    try { office.tourPanel.opening(await tour.file(), ""); }
    catch (error) { office.tourPanel.sentence("The tour cannot be read just now: the dashboard does not answer."); }
  };
  const seed = () => S.file.seed;
  async function overAgain() {
    const sure = await office.confirm("Start over?", `The present run ends and stays in the history; a new one begins with seed ${seed()}, and its last hours are lived through. Everybody who looks at this plant sees the new one.`, "Start over and begin the tour");
    if (!sure) return false;
    const before = office.plant.board && office.plant.board.run;
    office.tourPanel.busy("Starting over.");
    const result = await office.command({ what: "start-over", seed: seed() });
    if (!result.ok) { office.tourPanel.said(result); return false; }
    const until = Date.now() + 60000;
    /* Between two runs there is no board. */
    while ((!office.plant.board || office.plant.board.run === before) && Date.now() < until) await sleep(LOOK_MS);
    return true;
  }
  tour.begin = async (index, over) => {
    if (over && !(await overAgain())) return;
    const undone = await office.tourDebts.undoAll();
    if (!undone.ok) { office.tourPanel.said(undone); return; }
    Object.assign(S, { begun: true, playing: true, index: -1 });
    remember({ begun: true, playing: true, cast: {} });
    office.tourOffer.done();
    tour.go(index);
  };
  tour.next = () => {
    if (!S.begun) { tour.begin(Math.max(0, S.index), false); return; }
    if (S.index + 1 < S.file.steps.length) tour.go(S.index + 1); else tour.end();
  };
  tour.back = () => { if (S.index > 0) tour.go(S.index - 1); };
  tour.play = (playing, why) => {
    S.playing = playing;
    remember({ playing });
    office.tourPanel.playing(playing, why || "");
  };
  /* Ends it, or goes back to its beginning; either way what it did is undone first. */
  tour.end = async again => {
    if (S.ending) return;
    S.ending = true;
    S.token++;
    office.tourPanel.busy(office.tourDebts.all().length ? "Putting back what the tour has changed." : "");
    const undone = await office.tourDebts.undoAll();
    S.ending = false;
    if (!undone.ok) { office.tourPanel.left(office.tourDebts.all(), undone); return; }
    const wasOn = S.begun;
    Object.assign(S, { begun: false, index: -1, arrived: false });
    forget();
    if (named()) history.replaceState(null, "", without());
    dispatchEvent(new CustomEvent("address"));
    if (again) tour.open(); else office.tourPanel.close(wasOn);
  };
  tour.resume = () => {
    const at = S.file.steps.findIndex(step => step.name === recall().at);
    tour.go(Math.max(0, at));
  };

  /* --- time, keys and what the page tells -------------------------------------------------------- */
  const asked = () => Boolean(document.querySelector("dialog[open]"));
  setInterval(() => {
    if (S.index < 0 || !S.arrived || !S.begun || !S.playing || document.hidden || asked()) return;
    S.left_ms -= TICK_MS;
    office.tourPanel.passed(1 - Math.max(0, S.left_ms) / (S.step.stay_s * 1000));
    if (S.left_ms <= 0 && S.index + 1 < S.file.steps.length) tour.next();
  }, TICK_MS);
  addEventListener("keydown", event => {
    if (!["step", "opening"].includes(office.tourPanel.mode()) || asked() || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = document.activeElement, free = !at || at === document.body || office.tourPanel.has(at);
    if (event.key === "Escape") { event.preventDefault(); tour.end(); return; }
    if (!free || S.index < 0) return;
    if (event.key === "ArrowRight") { event.preventDefault(); tour.next(); }
    else if (event.key === "ArrowLeft") { event.preventDefault(); tour.back(); }
  });
  /* Whoever takes hold of the page itself has the time for it. */
  document.addEventListener("pointerdown", event => {
    if (S.begun && S.playing && S.index >= 0 && !office.tourPanel.has(event.target) && !event.target.closest("dialog")) tour.play(false, "Paused: look around for as long as you like.");
  });
  document.addEventListener("click", event => { if (event.target.closest("#tour")) { if (S.index >= 0 && S.begun) office.tourPanel.focus(); else tour.open(); } });
  /* After the page: who asked for a frame before draws before. */
  addEventListener("live", () => requestAnimationFrame(() => requestAnimationFrame(() => {
    if (S.index < 0 || !S.arrived || !S.numbers) return;
    S.numbers.again();
    office.tourPanel.numbers(S.numbers.told);
  })));
  addEventListener("popstate", follow);
  addEventListener("address", follow);
  let started = false;
  addEventListener("page", () => {
    if (started || !document.getElementById("tour")) return;
    started = true;
    const kept = recall();
    S.begun = Boolean(kept.begun);
    S.playing = kept.playing !== false;
    if (!named() && !S.begun && !office.tourDebts.all().length) office.tourOffer.offer(); else follow();
  });
})();
