/* The stops of a window with their reasons, and the choices of
   the page of losses that are no buttons. The table is drawn here alone, because people write in it. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const FIRST = 20, MOST = 500, REASK_MS = 10000;
  const GIVEN = { person: "given by a person", rule: "by a rule", none: "" };
  let asked = null;     /* what the page asks for: {machine, line, from, to, run, window, live} */
  let limit = FIRST, shown = null, reasons = [], wanted = 0, opened = "", written = null, timer = 0;

  const moment = text => Date.parse(text);
  const key = stop => stop.machine + " " + stop.at;

  async function fetched(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error || `the dashboard answered ${answer.status}`);
    return body;
  }
  async function refresh() {
    const box = by("stops");
    if (!box || !asked) return;
    const turn = ++wanted, query = new URLSearchParams({ limit });
    for (const name of ["machine", "line", "from", "to", "run"]) if (asked[name]) query.set(name, asked[name]);
    try {
      if (!reasons.length) reasons = (await fetched("/api/reasons")).reasons;
      const found = await fetched("/api/stops?" + query);
      if (turn !== wanted) return;
      shown = found;
      /* Whoever is writing is not disturbed. */
      if (!opened) draw();
    } catch (error) {
      if (turn !== wanted || opened) return;
      by("stops").replaceChildren(make("p", "made", `The stops cannot be read: ${error.message}.`));
    }
  }

  function draw() {
    const box = by("stops");
    if (!box || !shown) return;
    const named = !asked.machine, said = make("p", "made stops-sum");
    said.textContent = shown.total
      ? `${office.count(shown.shown)} of ${office.count(shown.total)} stop${shown.total === 1 ? "" : "s"}, ${office.duration(shown.total_s * 1000)} ${named ? "of machine time " : ""}in all`
      : named ? "No machine stopped in this window." : "It did not stop in this window.";
    const table = make("table", "stops-table"), head = make("tr"), body = make("tbody"), thead = make("thead");
    for (const text of [...(named ? ["machine"] : []), "began", "lasted", "state", "cause", "reason"]) {
      const cell = make("th", "", text);
      cell.scope = "col";
      head.append(cell);
    }
    thead.append(head);
    for (const stop of shown.stops) body.append(row(stop, named));
    table.append(thead, body);
    const pieces = [said];
    if (shown.total) pieces.push(table);
    if (shown.total > shown.shown && limit < MOST) {
      const more = make("button", "button", "Show more");
      more.type = "button";
      more.dataset.stops = "more";
      pieces.push(more);
    }
    box.replaceChildren(...pieces);
  }
  function row(stop, named) {
    const line = make("tr"), began = make("td", "began"), lasted = make("td", "lasted"), state = make("td", "states");
    line.dataset.stop = key(stop);
    if (named) {
      const cell = make("td", "of"), link = make("a", "", stop.machine);
      link.href = "/machine/" + encodeURIComponent(stop.machine);
      cell.append(link);
      line.append(cell);
    }
    began.append(make("span", "", office.clock(moment(stop.start))), make("span", "label", office.date(moment(stop.start))));
    lasted.append(make("span", "number", office.exactly(Math.round(stop.seconds * 1000))));
    if (!stop.over) lasted.append(make("span", "label", "goes on"));
    for (const one of stop.states) {
      const word = make("span", "state-word");
      word.dataset.state = one;
      word.append(office.sign(one), " " + one);
      state.append(word);
    }
    if (stop.micro) state.append(make("span", "label", "micro-stop"));
    line.append(began, lasted, state, make("td", stop.cause ? "cause-cell" : "cause-cell none", stop.cause || office.NONE), reasonCell(stop));
    return line;
  }
  function reasonCell(stop) {
    const cell = make("td", "reason-cell");
    if (stop.reason) {
      const said = make("span", "reason-said", stop.reason);
      cell.append(said, make("span", "label", GIVEN[stop.given_by] + (stop.note ? `: ${stop.note}` : "")));
    }
    const button = make("button", "button small", stop.reason ? "Correct" : "Give a reason");
    button.type = "button";
    button.dataset.stops = "open";
    button.setAttribute("aria-label", `${button.textContent} for the stop of ${stop.machine} at ${office.clock(moment(stop.start))}`);
    cell.append(button);
    return cell;
  }

  /* --- giving, correcting and taking back -------------------------------------------------------------- */
  function form(stop) {
    const form = make("form", "reason-form"), choose = make("select"), note = make("input"), line = make("div", "reason-buttons");
    const label = make("label", "", "Reason "), noted = make("label", "", "Note "), said = make("p", "said made");
    choose.name = "reason";
    choose.required = true;
    const none = make("option", "", "choose …");
    none.value = "";
    choose.append(none);
    const names = reasons.map(one => one.reason);
    if (stop.reason && !names.includes(stop.reason)) names.unshift(stop.reason);
    for (const name of names) {
      const option = make("option", "", name);
      option.value = name;
      choose.append(option);
    }
    choose.value = stop.reason || "";
    note.name = "note";
    note.maxLength = 128;
    note.value = stop.note || "";
    note.placeholder = "optional";
    label.append(choose);
    noted.append(note);
    said.setAttribute("role", "status");
    const buttons = [["save", "Save", "submit"], ["cancel", "Cancel", "button"]];
    if (stop.given_by === "person") buttons.splice(1, 0, ["back", "Take back", "button"]);
    for (const [what, text, type] of buttons) {
      const button = make("button", "button small", text);
      button.type = type;
      if (type !== "submit") button.dataset.stops = what;
      line.append(button);
    }
    form.append(label, noted, line, said);
    return form;
  }
  const stopOf = node => {
    const line = node.closest("[data-stop]");
    return line && shown ? shown.stops.find(stop => key(stop) === line.dataset.stop) : undefined;
  };
  function open(button) {
    if (opened) close();
    const stop = stopOf(button), cell = document.querySelector(`[data-stop="${CSS.escape(key(stop))}"] .reason-cell`);
    if (!stop || !cell) return;
    opened = key(stop);
    written = { stop, run: shown.run };
    const made = form(stop);
    cell.replaceChildren(made);
    made.elements.reason.focus();
  }
  function close() {
    const was = opened;
    opened = "";
    draw();
    const again = document.querySelector(`[data-stop="${CSS.escape(was)}"] [data-stops="open"]`);
    if (again) again.focus();
  }
  async function give(form, reason, note) {
    const { stop, run } = written, said = form.querySelector("[role=status]");
    for (const one of form.elements) one.disabled = true;
    office.say(said, "Saving …");
    const answer = await office.command({ what: "reason", run, machine: stop.machine, at: stop.at, reason, note });
    if (answer.ok) { await again(); return; }
    for (const one of form.elements) one.disabled = false;
    office.said(said, answer, "");
  }
  async function again() {
    const was = opened;
    opened = "";
    await refresh();
    const button = document.querySelector(`[data-stop="${CSS.escape(was)}"] [data-stops="open"]`);
    if (button) button.focus();
    if (by("losses")) dash_clientside.set_props("losses-ask", { data: Date.now() });
  }

  document.addEventListener("click", event => {
    const loss = event.target.closest("[data-loss]");
    if (loss && by("losses")) dash_clientside.set_props("losses-loss", { data: loss.dataset.loss });
    const button = event.target.closest("[data-stops]");
    if (!button || !shown) return;
    if (button.dataset.stops === "more") { limit = Math.min(limit * 5, MOST); refresh(); }
    if (button.dataset.stops === "open") open(button);
    if (button.dataset.stops === "cancel") close();
    if (button.dataset.stops === "back") give(button.closest("form"), "", "");
  });
  document.addEventListener("submit", event => {
    if (!event.target.matches(".reason-form")) return;
    event.preventDefault();
    const { reason, note } = event.target.elements;
    give(event.target, reason.value, note.value.trim());
  });
  document.addEventListener("keydown", event => {
    if (event.key === "Escape" && opened && event.target.closest(".reason-form")) close();
  });
  /* --- what is chosen on the page of losses stands in the address ---------------------------------------- */
  const of = () => office.address.get("machine") ? "machine:" + office.address.get("machine")
    : office.address.get("line") ? "line:" + office.address.get("line") : "";
  const choices = () => ({ "losses-window": office.chosen("window"), "losses-by": office.chosen("by"), "losses-chosen": of() });
  let told = null, watched = null;
  function choose() {
    if (!by("losses")) { told = null; return; }
    const now = choices();
    for (const [store, data] of Object.entries(now)) if (told && told[store] !== data) dash_clientside.set_props(store, { data });
    told = now;
    showOf();
  }
  /* The list of machines is drawn anew when there are others, and then has forgotten which was chosen. */
  function showOf() {
    const list = by("losses-of");
    if (!list) return;
    if (list !== watched) {
      watched = list;
      new MutationObserver(showOf).observe(list, { childList: true, subtree: true });
    }
    if (list.value !== of()) list.value = of();
  }
  document.addEventListener("change", event => {
    if (event.target.id !== "losses-of") return;
    const [what, ...name] = event.target.value.split(":");
    office.address.choose({ line: "", machine: "", [what || "line"]: name.join(":") });
  });
  addEventListener("address", choose);
  addEventListener("page", () => { if (by("losses")) choose(); else told = null; if (!opened) draw(); });

  function ask(data) {
    const other = !asked || ["machine", "line", "run", "window"].some(name => asked[name] !== data[name]);
    const others = !asked || ["machine", "line", "run"].some(name => asked[name] !== data[name]);
    if (other) limit = FIRST;
    /* Another window of the same machines disturbs nobody who is writing. */
    if (others) { opened = ""; shown = null; }
    asked = data;
    refresh();
    clearInterval(timer);
    if (data.live) timer = setInterval(() => { if (!document.hidden && by("stops")) refresh(); }, REASK_MS);
  }
  /* Called by Dash when the page of losses has a window whose stops are asked for. */
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    losses: {
      show(data) {
        if (data) {
          const { live, ...query } = data;
          by("losses-csv").href = "/api/kpis?" + new URLSearchParams({ ...query, by: "machine", format: "csv" });
          ask({ ...data, window: office.chosen("window") });
        }
        return window.dash_clientside.no_update;
      },
    },
  });
})();
