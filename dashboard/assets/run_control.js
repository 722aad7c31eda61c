/* The run: how fast plant time goes by, standing still, a minute at a time, on to the end of the shift, and a new run
   with a seed. None of it changes what happens in the plant. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const SPEEDS = [[1, "×1", "real time"], [10, "×10", "six seconds a minute"], [60, "×60", "one second a minute"], [600, "×600", "a shift in 48 s"], ["max", "max", "as fast as the office follows"]];
  let root = null, chosen = null;

  async function ask(command) {
    const said = by("run-said");
    office.say(said, "Asking the plant.");
    const result = await office.command(command);
    if (by("run-said")) office.said(by("run-said"), result, "Done");
    return result;
  }
  function button(id, words, command, title) {
    const node = make("button", "button", words);
    node.type = "button";
    node.id = "run-" + id;
    node.title = title;
    node.addEventListener("click", () => ask(command()));
    return node;
  }
  const stands = () => Boolean(office.plant.board && office.plant.board.speed === 0);
  function build() {
    const speeds = make("div", "segments"), row = make("div", "run-row");
    speeds.setAttribute("role", "group");
    speeds.setAttribute("aria-label", "Speed of plant time");
    for (const [speed, words, title] of SPEEDS) {
      const node = button("speed-" + speed, words, () => ({ what: "speed", speed }), title);
      node.className = "";
      node.dataset.speed = String(speed);
      speeds.append(node);
    }
    row.append(make("span", "label", "Speed"), speeds);
    const go = make("div", "buttons");
    go.append(button("pause", "Pause", () => ({ what: stands() ? "resume" : "pause" }), "Let plant time stand still, or go on"),
      button("step", "A minute on", () => ({ what: "step", seconds: 60 }), "A plant that stands still goes on for a minute"),
      button("jump", "To the end of the shift", () => ({ what: "jump" }), "As fast as the office follows, and then as before"));
    by("run-controls").replaceChildren(row, go);
    by("run-over").replaceChildren(office.startOver());
  }
  function draw() {
    const page = by("machines"), board = office.plant.board;
    if (!page || !by("run-controls")) { root = null; return; }
    if (page !== root) { root = page; build(); }
    if (!board) return;
    if (board.speed !== 0) chosen = board.speed === null ? "max" : String(board.speed);
    for (const node of by("run-controls").querySelectorAll("[data-speed]")) node.setAttribute("aria-pressed", String(node.dataset.speed === chosen));
    office.say(by("run-pause"), stands() ? "Go on" : "Pause");
    by("run-step").disabled = !stands();
    const shift = board.shift_name ? `, ${board.shift_name} shift until ${office.time(board.shift_to_ms)}` : "";
    const pace = stands() ? "stands still" : board.speed === null ? "goes by as fast as the office follows" : `goes by ×${board.speed}`;
    office.say(by("run-now"), `${board.run ? `Run ${board.run}` : "No run"}: plant time ${pace}, ${office.date(board.now_ms)}, ${office.time(board.now_ms)}${shift}.`);
  }
  for (const reason of ["live", "page"]) addEventListener(reason, draw);
})();
