/* One stop, opened from the timeline or from the table: what it waited for, its reason, given, corrected or
   taken back, and the message that told of it. Any other piece of the timeline opens with its message alone. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const GIVEN = { person: "given by a person", rule: "given by a rule", none: "" };
  let reasons = null;

  async function known() {
    if (!reasons) {
      const answer = await fetch("/api/reasons", { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      reasons = (await answer.json()).reasons.map(one => one.reason);
    }
    return reasons;
  }
  const CAPITAL = text => text ? text[0].toUpperCase() + text.slice(1) : text;
  function facts(stop) {
    const box = make("div", "stop-facts"), start = Date.parse(stop.at), end = Date.parse(stop.end);
    const words = make("p"), length = office.exactly(Math.round(stop.seconds * 1000));
    words.append(make("b", "", `${CAPITAL(stop.states.join(", "))}${stop.cause ? ": " + stop.cause : ""}`),
      ` ${office.date(start)}, ${office.clock(start)} to ${stop.over ? office.clock(end) : "now"}, ${length}${stop.micro ? ", a micro-stop" : ""}`);
    box.append(words);
    if (stop.split) box.append(office.stopSplit(stop));
    return box;
  }
  async function form(stop, run, box) {
    const form = make("form", "reason-form"), choose = make("select"), note = make("input"), line = make("div", "reason-buttons"), said = make("p", "said made");
    const label = make("label", "", "Reason "), noted = make("label", "", "Note "), none = make("option", "", "choose …");
    choose.name = "reason";
    choose.required = true;
    none.value = "";
    choose.append(none);
    const names = [...(await known())];
    if (stop.reason && !names.includes(stop.reason)) names.unshift(stop.reason);
    for (const name of names) { const option = make("option", "", name); option.value = name; choose.append(option); }
    choose.value = stop.reason || "";
    note.name = "note";
    note.maxLength = 128;
    note.value = stop.note || "";
    note.placeholder = "optional";
    label.append(choose);
    noted.append(note);
    said.setAttribute("role", "status");
    const save = make("button", "button strong", "Save");
    save.type = "submit";
    line.append(save);
    if (stop.given_by === "person") {
      const back = make("button", "button", "Take back");
      back.type = "button";
      back.addEventListener("click", () => give(form, stop, run, "", "", box));
      line.append(back);
    }
    form.append(label, noted, line, said);
    /* The page of losses hears such forms, too. */
    form.addEventListener("submit", event => { event.preventDefault(); event.stopPropagation(); give(form, stop, run, choose.value, note.value.trim(), box); });
    return form;
  }
  async function give(form, stop, run, reason, note, box) {
    const said = form.querySelector("[role=status]");
    for (const one of form.elements) one.disabled = true;
    office.say(said, "Saving …");
    const answer = await office.command({ what: "reason", run, machine: stop.machine, at: stop.at, reason, note });
    if (answer.ok) { box.close(); office.stopsAgain(); return; }
    for (const one of form.elements) one.disabled = false;
    office.said(said, answer, "");
  }
  office.openStop = async (stop, run) => {
    const { box, body } = office.dialog(`Stop of ${stop.machine}`, "stop");
    body.append(facts(stop));
    if (stop.reason) body.append(make("p", "label", `Now: ${stop.reason}, ${GIVEN[stop.given_by]}${stop.note ? ": " + stop.note : ""}`));
    try {
      const made = await form(stop, run, box);
      if (!box.isConnected) return;
      body.append(made);
      made.elements.reason.focus();
    } catch (error) { body.append(make("p", "said refused", "The reasons cannot be read just now.")); }
    message(body, stop.machine, Date.parse(stop.at));
  };
  function message(body, machine, at) {
    const section = make("section"), place = make("div");
    section.append(make("h3", "", "The message that told of it"), place);
    body.append(section);
    office.wireAt(place, machine, at);
  }

  /* --- a piece of the timeline --------------------------------------------------------------------------- */
  const stands = (strip, i) => !["running", "unknown"].includes(office.plant.states[strip[i][1]]);
  document.addEventListener("piece", async event => {
    if (event.target.id !== "machine-strip") return;
    const { strip } = office.machineView(), i = event.detail, window = office.machineWindow;
    if (!window || !strip[i]) return;
    const [start, code] = strip[i], end = i + 1 < strip.length ? strip[i + 1][0] : strip.end, state = office.plant.states[code];
    if (stands(strip, i)) {
      /* A stop is all that lies between running and running, whatever it was called meanwhile. */
      let first = i, last = i;
      while (first > 0 && stands(strip, first - 1)) first--;
      while (last + 1 < strip.length && stands(strip, last + 1)) last++;
      const begun = strip[first][0], ended = last + 1 < strip.length ? strip[last + 1][0] : strip.end;
      const query = { machine: window.machine, from: new Date(begun).toISOString(), to: new Date(ended).toISOString(), limit: 1 };
      if (window.query.run) query.run = window.query.run;
      try {
        const answer = await fetch("/api/stops?" + new URLSearchParams({ ...query, waited: "true" }), { cache: "no-store" });
        const found = await answer.json();
        if (answer.ok && found.stops.length) { office.openStop(found.stops[0], found.run); return; }
      } catch (error) { /* then its message alone is looked for */ }
    }
    const { body } = office.dialog(`${window.machine} was ${state}`, "stop");
    body.append(make("p", "", `${office.date(start)}, ${office.clock(start)} to ${i + 1 < strip.length ? office.clock(end) : "now"}, ${office.exactly(end - start)}`));
    message(body, window.machine, start);
  });
})();
