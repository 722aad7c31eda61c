/* The stops of a window with their reasons, on the page of losses: the longest first, and
   micro-stops of one cause as one row that opens. The table is drawn here alone, because people write in it. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const FIRST = 20, MOST = 500;
  const GIVEN = { person: "given by a person", rule: "by a rule", none: "" };
  let asked = null;     /* what the page asks for: {machine, line, from, to, run, window, live} */
  let limit = FIRST, shown = null, reasons = [], wanted = 0, opened = "", written = null, drawn = "";
  const unfolded = new Map();   /* the groups of micro-stops that are open, by their words, with their stops */

  /* Machine time is said in hours: two days of thirteen machines are no days. */
  const hours = s => (s >= 86400 ? `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min` : office.duration(s * 1000));
  const moment = text => Date.parse(text);
  const key = stop => stop.machine + " " + stop.at;

  async function fetched(address) {
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error || `the dashboard answered ${answer.status}`);
    return body;
  }
  const query = () => Object.fromEntries(["machine", "line", "from", "to", "run"].filter(name => asked[name]).map(name => [name, asked[name]]));
  async function refresh() {
    const box = by("stops");
    if (!box || !asked) return;
    const turn = ++wanted;
    const stops = more => fetched("/api/stops?" + new URLSearchParams({ limit, ...query(), ...more }));
    try {
      if (!reasons.length) reasons = (await fetched("/api/reasons")).reasons;
      const words = [...unfolded.keys()];
      const [found, ...groups] = await Promise.all([stops({ micro: "grouped" }), ...words.map(group => stops({ group, limit: MOST }))]);
      if (turn !== wanted) return;
      shown = found;
      words.forEach((group, i) => { if (unfolded.has(group)) unfolded.set(group, groups[i].stops); });
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
    /* What says the same stays as it is: a button that is drawn anew loses the click that has begun. */
    const { total, total_s, begun_before, listed, groups: micro, stops } = shown;
    const says = JSON.stringify([named, isPast(), limit, total, total_s, begun_before, listed, shown.shown, micro, stops, [...unfolded]]);
    if (says === drawn && box.querySelector(".stops-sum") && !box.querySelector(".reason-form")) return;
    drawn = says;
    said.textContent = shown.total
      ? `${office.count(shown.total)} stop${shown.total === 1 ? "" : "s"}, ${hours(shown.total_s)} ${named ? "of machine time " : ""}in all` + (shown.begun_before ? `, ${office.count(shown.begun_before)} of them begun before this window` : "") + (shown.listed > shown.shown ? `; of ${office.count(shown.listed)} longer ones the first ${office.count(shown.shown)}` : "")
      : named ? "No machine stopped in this window." : "It did not stop in this window.";
    const table = make("table", "stops-table"), head = make("tr"), body = make("tbody"), thead = make("thead");
    for (const text of [...(named ? ["machine"] : []), "began", "lasted", "state", "cause", "reason"]) {
      const cell = make("th", "", text);
      cell.scope = "col";
      head.append(cell);
    }
    thead.append(head);
    /* A group stands where a stop of its length would. */
    const groups = [...shown.groups];
    for (const stop of shown.stops) {
      while (groups.length && groups[0].seconds >= stop.seconds) body.append(...groupRows(groups.shift(), named));
      body.append(row(stop, named));
    }
    /* Smaller ones wait, as smaller stops do, until somebody wants to see more. */
    const all = shown.listed <= shown.shown || limit >= MOST;
    if (all) for (const group of groups) body.append(...groupRows(group, named));
    table.append(thead, body);
    const pieces = [said];
    if (shown.total) pieces.push(table);
    if (!all) {
      const more = make("button", "button", "Show more");
      more.type = "button";
      more.dataset.stops = "more";
      pieces.push(more);
    }
    /* Rows that are drawn anew keep the keyboard's place. */
    const held = box.contains(document.activeElement) ? placeOf(document.activeElement) : "";
    box.replaceChildren(...pieces);
    const again = held && box.querySelector(held);
    if (again) again.focus({ preventScroll: true });
  }
  function placeOf(node) {
    const line = node.closest("[data-stop]"), within = line ? `[data-stop="${CSS.escape(line.dataset.stop)}"] ` : "";
    if (node.dataset.group) return `[data-group="${CSS.escape(node.dataset.group)}"]`;
    return node.dataset.stops ? `${within}[data-stops="${node.dataset.stops}"]` : "";
  }
  const isPast = () => Boolean(asked.to && office.plant.board && moment(asked.to) < office.plant.board.now_ms - office.MINUTE);
  function stateWord(one) {
    const word = make("span", "state-word");
    word.dataset.state = one;
    word.append(office.sign(one), " " + one);
    return word;
  }
  /* Micro-stops of one cause: together, and each for itself where the group is open. */
  function groupRows(group, named) {
    const line = make("tr", "group"), count = `${office.count(group.stops)} micro-stop${group.stops === 1 ? "" : "s"}`, open = unfolded.get(group.words);
    if (named) line.append(make("td", "of", group.machines.length === 1 ? group.machines[0] : `${group.machines.length} machines`));
    const when = make("td", "began"), lasted = make("td", "lasted"), state = make("td", "states"), last = make("td", "reason-cell"), button = make("button", "button small", open ? "Fold" : "Unfold");
    when.append(make("span", "", count), make("span", "label", "in this window"));
    lasted.append(make("span", "number", office.exactly(Math.round(group.seconds * 1000))), make("span", "label", `in all; longest ${office.exactly(Math.round(group.longest_s * 1000))}`));
    state.append(...group.states.map(stateWord));
    button.type = "button";
    button.dataset.stops = "fold";
    button.dataset.group = group.words;
    button.setAttribute("aria-expanded", String(Boolean(open)));
    button.setAttribute("aria-label", `${button.textContent} the ${count}: ${group.words}`);
    last.append(button);
    line.append(when, lasted, state, make("td", "cause-cell", group.words), last);
    return [line, ...(open || []).map(stop => { const one = row(stop, named); one.classList.add("of-group"); return one; })];
  }
  async function fold(button) {
    const words = button.dataset.group;
    if (unfolded.delete(words)) draw();
    else { unfolded.set(words, []); await refresh(); }
    const again = document.querySelector(`[data-group="${CSS.escape(words)}"]`);
    if (again) again.focus();
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
    if (!stop.over) lasted.append(make("span", "label", isPast() ? "goes on after this window" : "goes on"));
    state.append(...stop.states.map(stateWord));
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
    return line && shown ? [shown.stops, ...unfolded.values()].flat().find(stop => key(stop) === line.dataset.stop) : undefined;
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
    const button = event.target.closest("[data-stops]");
    if (!button || !shown) return;
    if (button.dataset.stops === "more") { limit = Math.min(limit * 5, MOST); refresh(); }
    if (button.dataset.stops === "fold") fold(button);
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
  addEventListener("page", () => { if (!opened) draw(); });

  function ask(data) {
    const other = !asked || ["machine", "line", "run", "window"].some(name => asked[name] !== data[name]);
    const others = !asked || ["machine", "line", "run"].some(name => asked[name] !== data[name]);
    if (other) limit = FIRST;
    /* Another window of the same machines disturbs nobody who is writing. */
    if (others) { opened = ""; shown = null; unfolded.clear(); }
    asked = data;
    refresh();
  }
  /* Called by Dash when the page of losses has a window whose stops are asked for. */
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    losses: {
      show(data) {
        if (data) {
          by("losses-csv").href = "/api/kpis?" + new URLSearchParams({ ...data, by: "machine", format: "csv" });
          ask({ ...data, window: office.chosen("window") });
        }
        return window.dash_clientside.no_update;
      },
    },
  });
})();
