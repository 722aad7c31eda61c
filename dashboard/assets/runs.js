/* The runs in the history, newest first, and how to start over with a seed of one's own. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  const moment = text => { const ms = Date.parse(text); return office.date(ms) + ", " + office.time(ms); };
  const LARGEST = 2 ** 53 - 1;

  async function open() {
    const { box, body } = office.dialog("Runs", "runs");
    const list = make("div", "runs-list");
    list.append(make("p", "label", "Reading the history."));
    body.append(make("p", "label", "A run is one history: its seed, its beginning and what was asked of it. The page shows the newest."), list, startOver());
    try {
      const answer = await fetch("/api/runs", { cache: "no-store" });
      const said = await answer.json();
      if (!answer.ok) throw new Error(said.error);
      list.replaceChildren(table(Array.isArray(said) ? said : said.runs));
    } catch (error) {
      list.replaceChildren(make("p", "label", "The history cannot be read just now."));
    }
  }
  function table(runs) {
    if (!runs.length) return make("p", "label", "The history is still empty.");
    const box = make("table", "buckets"), head = make("thead"), titles = make("tr"), body = make("tbody");
    const seeds = runs.some(run => run.seed !== undefined && run.seed !== null);
    for (const title of ["run", ...(seeds ? ["seed"] : []), "began", "lived", ""]) {
      const cell = make("th", "", title);
      cell.scope = "col";
      titles.append(cell);
    }
    head.append(titles);
    const shown = office.plant.board ? office.plant.board.run : null;
    for (const run of runs) {
      const row = make("tr"), name = make("th");
      name.scope = "row";
      name.append(make("code", "", run.run || "without a plant"));
      row.append(name);
      if (seeds) row.append(make("td", "", run.seed === undefined || run.seed === null ? office.NONE : String(run.seed)));
      row.append(make("td", "", moment(run.epoch)), make("td", "", office.duration(Math.max(0, Date.parse(run.now) - Date.parse(run.epoch)))),
        make("td", "", run.run === shown ? "shown" : ""));
      body.append(row);
    }
    box.append(head, body);
    return box;
  }
  function startOver() {
    const form = make("form", "start-over"), label = make("label", "", "Seed"), seed = make("input"), go = make("button", "button", "Start over");
    const said = make("p", "said");
    seed.name = "seed";
    seed.inputMode = "numeric";
    seed.autocomplete = "off";
    seed.pattern = "[0-9]{1,16}";
    seed.placeholder = "any";
    seed.title = "A whole number; the same seed lives the same life";
    label.append(seed);
    go.type = "submit";
    said.setAttribute("role", "status");
    const sure = make("span", "buttons"), yes = make("button", "button strong", "Yes, end this run"), no = make("button", "button", "Keep it");
    yes.type = no.type = "button";
    sure.hidden = true;
    sure.append(yes, no);
    form.append(make("h3", "", "Start over"), label, go, sure, said);
    const ask = asking => { sure.hidden = !asking; go.hidden = asking; };
    form.addEventListener("submit", event => {
      event.preventDefault();
      if (!sure.hidden) return;
      ask(true);
      office.say(said, "The present run ends and stays in the history; a new one begins" + (seed.value ? ` with seed ${seed.value}.` : "."));
      yes.focus();
    });
    no.addEventListener("click", () => { ask(false); office.say(said, ""); go.focus(); });
    yes.addEventListener("click", async () => {
      const number = seed.value ? Number(seed.value) : null;
      if (number !== null && number > LARGEST) { office.say(said, `The largest seed is ${LARGEST}.`); return; }
      yes.disabled = true;
      office.say(said, "Starting over.");
      const answer = await office.command(number === null ? { what: "start-over" } : { what: "start-over", seed: number });
      yes.disabled = false;
      ask(false);
      office.said(said, answer, "A new run begins");
    });
    return form;
  }
  /* The page of machines has it, too. */
  office.startOver = startOver;
  document.addEventListener("click", event => { if (event.target.closest("#runs")) open(); });
})();
