/* The numbers of a caption: read from the page, or from the API once, and written as everywhere else. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const BOARD_MS = 5000;
  const seen = node => node.getClientRects().length > 0;
  const told = text => text && text.trim() && text.trim() !== office.NONE;

  /* `calls[state=closed][repair_s].noticed_s`: a key, a place in a list, or the first of a list that has such a
     value, or any. */
  office.tourValue = (answer, path) => {
    let at = answer;
    for (const piece of path.split(".")) {
      const [, key, wanted] = /^([^[]*)((?:\[[^\]]+\])*)$/.exec(piece) || [null, piece, ""];
      if (key !== "") at = at === null || at === undefined ? undefined : Array.isArray(at) ? at.at(Number(key)) : at[key];
      const conditions = [...wanted.matchAll(/\[([^\]=]+)(?:=([^\]]*))?\]/g)];
      const fits = one => conditions.every(([, name, value]) => (value === undefined ? one[name] !== null && one[name] !== undefined : String(one[name]) === value));
      if (conditions.length) at = Array.isArray(at) ? at.find(fits) : undefined;
    }
    return at;
  };
  async function ask(api) {
    const board = office.plant.board;
    if (!board) return null;
    try {
      const answer = await fetch(api.replaceAll("{epoch}", String(board.epoch_ms)), { cache: "no-store" });
      return answer.ok ? await answer.json() : null;
    } catch (error) { return null; }
  }
  /* A step with its parts played: who plays one is found when it is first needed, and kept for the tour. */
  office.tourCast = async (file, index, cast, keep) => {
    const step = file.steps[index], text = JSON.stringify(step), needed = Object.keys(file.cast).filter(name => text.includes(`{${name}}`));
    for (const name of needed) {
      if (cast[name]) continue;
      const part = file.cast[name], until = Date.now() + BOARD_MS;
      while (!office.plant.board && Date.now() < until) await new Promise(resolve => setTimeout(resolve, 100));
      const found = office.tourValue(await ask(part.api), part.value);
      /* Who is only a stand-in is looked for again at the next step. */
      if (found) keep((cast = { ...cast, [name]: String(found) })); else cast = { ...cast, [name]: part.otherwise };
    }
    const fill = (said, how) => needed.reduce((filled, name) => filled.replaceAll(`{${name}}`, how(cast[name])), said);
    const plain = said => said && fill(said, name => name), quoted = said => said && fill(said, name => CSS.escape(name)), coded = said => said && fill(said, encodeURIComponent);
    const read = Object.fromEntries(Object.entries(step.read).map(([name, one]) => [name, { ...one, api: coded(one.api), text: quoted(one.text), count: quoted(one.count), list: quoted(one.list) }]));
    const wait = step.wait && { ...step.wait, there: quoted(step.wait.there), gone: quoted(step.wait.gone), text: plain(step.wait.text) };
    return { ...step, page: coded(step.page), point: quoted(step.point), title: plain(step.title), text: step.text.map(plain), otherwise: plain(step.otherwise), read, wait };
  };
  const signed = value => (value > 0 ? "+" : value < 0 ? "\u2212" : "±") + office.count(Math.abs(value));
  const FORMS = {
    words: value => String(value), count: value => office.count(value), percent: value => office.percent(value),
    duration: value => (value < 0 ? "\u2212" + FORMS.duration(-value) : value < 10 ? office.decimal(value, 0, 1) + "\u00a0s" : office.seconds(Math.round(value * 1000))), signed,
  };
  office.tourForm = (value, form) => (value === null || value === undefined || value === "" ? null : FORMS[form](value));

  office.tourNumbers = class {
    constructor(read, again_ms) {
      this.read = Object.entries(read);
      this.again_ms = again_ms;
      this.asked_ms = 0;
      this.told = new Map();
    }
    /* True once each is there. */
    async look() {
      this.again();
      const missing = this.read.filter(([name, one]) => one.api && !this.told.has(name));
      if (missing.length && Date.now() - this.asked_ms > this.again_ms) {
        this.asked_ms = Date.now();
        const answers = new Map();
        for (const [name, one] of missing) {
          if (!answers.has(one.api)) answers.set(one.api, await ask(one.api));
          const said = office.tourForm(office.tourValue(answers.get(one.api), one.value), one.form);
          if (said !== null) this.told.set(name, said);
        }
      }
      return this.read.every(([name]) => this.told.has(name));
    }
    /* Those of the page, as they are now. */
    again() {
      for (const [name, one] of this.read) {
        if (one.text) {
          /* Of what is folded away the text is there all the same. */
          const nodes = [...document.querySelectorAll(one.text)].filter(node => told(node.textContent)), node = nodes.find(seen) || nodes[0];
          if (node) this.told.set(name, node.textContent.trim());
        } else if (one.count) {
          const found = document.querySelectorAll(one.count).length;
          if (found) this.told.set(name, office.count(found));
        } else if (one.list) {
          const found = [...document.querySelectorAll(one.list)].filter(node => seen(node) && told(node.textContent)).map(node => node.textContent.trim());
          if (found.length) this.told.set(name, found.join(", "));
        }
      }
    }
  };
})();
