/* The stops of a machine's window: the longest ten with what each waited for, micro-stops by cause. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const FIRST = 10, MOST = 1000, FOLDS = 6;
  const GIVEN = { person: "given by a person", rule: "by a rule", none: "" };
  let limit = FIRST, of = "", seen = null, folds = FOLDS;

  /* The parts of a stop, in order: key, and how it is said. What nobody said is not said here either. */
  const PARTS = [
    ["unnoticed", () => "noticed after"], ["unanswered", s => (s.acknowledged ? "answered after" : s.at_machine || s.restored ? "unanswered for" : "nobody has answered for")],
    ["way", s => (s.at_machine ? "there after" : "on the way for")], ["repair", s => (s.restored ? "restored after" : "repair for")], ["restart", () => "ran after"],
  ];
  const ms = seconds => Math.round(seconds * 1000);
  function said(split) {
    return PARTS.filter(([key]) => split[key + "_s"] > 0).map(([key, words]) => [key, `${words(split)} ${office.seconds(ms(split[key + "_s"]))}`]);
  }
  /* A thin bar with the times under it. */
  office.stopSplit = stop => {
    const box = make("div", "split"), split = stop.split;
    if (!split) { box.append(make("span", "label", "nobody was called")); return box; }
    const bar = make("div", "split-bar"), words = make("ul", "split-words label"), parts = said(split);
    for (const [key, text] of parts) {
      const part = make("i"), item = make("li", "", text);
      part.dataset.part = item.dataset.part = key;
      part.style.flexGrow = String(split[key + "_s"]);
      bar.append(part);
      words.append(item);
    }
    bar.setAttribute("aria-hidden", "true");
    box.append(bar, words);
    return box;
  };
  function states(stop) {
    const cell = make("td", "states");
    for (const one of stop.states) {
      const word = make("span", "state-word");
      word.dataset.state = one;
      word.append(office.sign(one), " " + one);
      cell.append(word);
    }
    cell.append(make("span", "stop-cause", stop.cause || "cause unknown"));
    return cell;
  }
  function row(stop, run) {
    const line = make("tr"), start = Date.parse(stop.start), began = make("td", "began"), lasted = make("td", "lasted");
    const people = make("td", "people"), reason = make("td", "reason-cell");
    line.dataset.stop = stop.at;
    began.append(make("span", "", office.clock(start)), make("span", "label", office.date(start)));
    lasted.append(make("span", "number", office.exactly(ms(stop.seconds))));
    if (!stop.over) lasted.append(make("span", "label", "goes on"));
    people.append(office.stopSplit(stop));
    if (stop.reason) reason.append(make("span", "reason-said", stop.reason), make("span", "label", GIVEN[stop.given_by] + (stop.note ? `: ${stop.note}` : "")));
    const button = make("button", "button small", stop.reason ? "Correct" : "Give a reason");
    button.type = "button";
    button.setAttribute("aria-label", `${button.textContent} for the stop of ${stop.machine} at ${office.clock(start)}`);
    button.addEventListener("click", () => office.openStop(stop, run));
    reason.append(button);
    line.append(began, lasted, states(stop), people, reason);
    return line;
  }
  function table(found) {
    const box = make("table", "stops-table machine-stops"), head = make("tr"), thead = make("thead"), body = make("tbody");
    for (const text of ["began", "lasted", "what", "what it waited for", "reason"]) { const cell = make("th", "", text); cell.scope = "col"; head.append(cell); }
    thead.append(head);
    for (const stop of found.stops) body.append(row(stop, found.run));
    box.append(thead, body);
    return box;
  }
  function micro(list) {
    const box = make("div", "micro-stops"), count = list.reduce((sum, one) => sum + one.stops, 0), all = list.reduce((sum, one) => sum + one.seconds, 0);
    box.append(make("h3", "", `${office.count(count)} micro-stop${count === 1 ? "" : "s"}, ${office.duration(ms(all))} in all, by cause`));
    const shown = make("ul", "folds");
    for (const one of list.slice(0, folds)) {
      const item = make("li");
      item.append(make("b", "", one.words), ` ${office.count(one.stops)} stop${one.stops === 1 ? "" : "s"}, ${office.seconds(ms(one.seconds))}`,
        make("span", "label", one.stops > 1 ? `longest ${office.seconds(ms(one.longest_s))}` : ""));
      shown.append(item);
    }
    box.append(shown);
    if (list.length > folds) box.append(more(`Show all ${list.length} causes`, () => { folds = list.length; ask.redraw(); }));
    return box;
  }
  function more(text, press) {
    const button = make("button", "button", text);
    button.type = "button";
    button.addEventListener("click", press);
    return button;
  }
  const ask = office.panel("machine-stops", "/api/stops", "The stops", (box, found) => {
    const key = JSON.stringify([found, folds]);
    if (key === seen && box.childElementCount) return;
    seen = key;
    const micros = found.groups.reduce((sum, one) => sum + one.stops, 0), brief = found.groups.reduce((sum, one) => sum + one.seconds, 0), few = found.listed === 0, pieces = [];
    pieces.push(make("p", "made stops-sum", few && !micros ? "It did not stop in this window." : few ? "It did not stop for longer than a micro-stop." :
      `${office.count(found.shown)} of ${office.count(found.listed)} stop${found.listed === 1 ? "" : "s"}, ${office.duration(ms(found.total_s - brief))} in all`));
    if (!few) pieces.push(table(found));
    if (found.listed > found.shown && limit < MOST) pieces.push(more("Show more", () => { limit = Math.min(limit * 10, MOST); refresh(); }));
    if (micros) pieces.push(micro(found.groups));
    const focused = box.contains(document.activeElement) ? document.activeElement.closest("[data-stop]") : null, at = focused && focused.dataset.stop;
    box.replaceChildren(...pieces);
    /* Another stop may have come before it. */
    const again = at && box.querySelector(`[data-stop="${CSS.escape(at)}"] button`);
    if (again) again.focus({ preventScroll: true });
  });
  function refresh() {
    const window = office.machineWindow;
    if (window) ask({ ...window.query, limit, micro: "grouped", waited: "true" }, window.live);
  }
  office.stopsAgain = () => ask.again();
  office.onWindow(window => {
    const key = window.machine + window.window;
    if (key !== of) { of = key; limit = FIRST; folds = FOLDS; }
    office.say(by("machine-stops-words"), window.words + ", longest first");
    refresh();
  });
})();
