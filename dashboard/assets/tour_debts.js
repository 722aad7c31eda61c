/* What the tour has asked of the plant and still has to undo. It is written down before it is asked, for the
   whole browser, so that a reload, a closed tab or a tour that begins anew forgets none of it. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const KEY = "tour-debts", BOARD_MS = 5000, UNSURE = /does not answer|may still be done/;
  const all = () => { try { return JSON.parse(localStorage.getItem(KEY)) || []; } catch (error) { return []; } };
  const keep = debts => { try { localStorage.setItem(KEY, JSON.stringify(debts)); } catch (error) { /* a browser that keeps nothing */ } };
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const drop = debt => keep(all().filter(one => !same(one, debt)));
  const run = () => (office.plant.board ? office.plant.board.run : null);
  const here = name => office.plant.machines.has(name);
  const hasFault = asked => ((office.plant.faults && office.plant.faults.on) || []).some(one => one.machine === asked.machine && one.fault === asked.fault);

  function debtOf(asked) {
    if (asked.what === "fault") {
      const undo = { what: "clear", machine: asked.machine, fault: asked.fault };
      if (asked.signal) undo.signal = asked.signal;
      return { run: run(), undo, words: `${asked.fault} on ${asked.machine}` };
    }
    if (asked.what === "add") return { run: run(), undo: { what: "remove", machine: asked.machine }, words: `the machine ${asked.machine}` };
    const speed = office.plant.board.speed;
    return { run: null, undo: speed === 0 ? { what: "pause" } : { what: "speed", speed: speed === null ? "max" : speed }, words: "another speed" };
  }
  const undoneBy = { clear: undo => undo.what === "clear", remove: undo => undo.what === "remove" };

  /* Asks what a step asks, once: returns what came of it, or null where there was nothing to ask. */
  async function ask(asked) {
    const until = Date.now() + BOARD_MS;
    while (!office.plant.board && Date.now() < until) await new Promise(resolve => setTimeout(resolve, 100));
    if (!office.plant.board) return { ok: false, message: "nothing is known of the plant yet" };
    const debts = all();
    if (undoneBy[asked.what]) {
      const debt = debts.find(one => undoneBy[asked.what](one.undo) && one.undo.machine === asked.machine && one.undo.fault === asked.fault);
      return debt ? pay(debt) : null;
    }
    if (asked.what === "speed" && office.plant.board.speed === asked.speed) return null;
    const debt = debtOf(asked);
    if (debts.some(one => same(one.undo, debt.undo) || (asked.what === "speed" && one.run === null))) return asked.what === "speed" ? office.command(asked) : null;
    if (asked.what === "add" && here(asked.machine)) return { ok: false, message: `a machine named ${asked.machine} is there already, and it is not the tour's` };
    if (asked.what === "fault" && hasFault(asked)) return { ok: false, message: `${asked.machine} has that fault already, and it is not the tour's` };
    keep([...debts, debt]);
    const result = await office.command(asked);
    if (!result.ok && !UNSURE.test(result.message)) drop(debt);
    return result;
  }
  async function pay(debt) {
    /* With its run all of it is over. */
    const over = office.plant.board && debt.run !== null && debt.run !== run();
    const result = over ? { ok: true, message: "done" } : await office.command(debt.undo);
    /* A refusal says that it is not there any more. */
    if (result.ok || !UNSURE.test(result.message)) drop(debt);
    return result;
  }
  async function undoAll() {
    for (const debt of all().reverse()) {
      const result = await pay(debt);
      if (!result.ok && all().some(one => same(one, debt))) return result;
    }
    return { ok: true, message: "done" };
  }
  office.tourDebts = { all, ask, undoAll };
})();
