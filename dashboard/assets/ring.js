/* The goal of a shift as a ring: it closes when the running time that the goal asks of the whole shift is
   reached, and its dot stands where that should be by now. What is unknown may have been running: where that
   would decide, nothing is decided. Said in words as well, and by a sign. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  /* As many units across as the ring has pixels, so that its text has the sizes of the page. */
  const WIDE = 62, WIDE_LARGE = 84;
  const SIGNS = { met: "✓", behind: "▼", open: "?" };

  /* Running time against its goal, in ms; null where nobody set one or nothing is planned. Of several machines
     the times are added up. */
  office.goalOf = machines => {
    const sum = { running: 0, unknown: 0, planned: 0, now: 0, whole: 0 };
    for (const { values } of machines) {
      const n = office.numbers(values.shift);
      if (!n || values.goal === null || values.goal === undefined) continue;
      sum.running += n.running_ms;
      sum.unknown += n.unknown_ms;
      sum.planned += n.planned_ms;
      sum.now += values.goal * n.planned_ms;
      sum.whole += values.goal * Math.max(values.shift_planned_ms || 0, n.planned_ms);
    }
    if (!sum.whole) return null;
    const missing = sum.now - sum.running;
    /* Less than a minute is no difference that the page tells. */
    sum.verdict = missing < office.MINUTE ? "met" : missing <= sum.unknown ? "open" : "behind";
    return sum;
  };
  /* On a tile there is room for hours and minutes as the ring says them; `short` where nothing else fits. */
  office.goalWords = (goal, room = "") => {
    if (!goal) return "";
    const apart = Math.abs(goal.running - goal.now);
    const short = room === "short";
    if (goal.verdict === "open") return (short ? "open: " : "goal open: ") + office.machineTime(goal.unknown) + " unknown";
    if (apart < office.MINUTE) return "on goal";
    const said = room && apart >= office.HOUR ? office.hours(apart) + " h" : office.machineTime(apart);
    return said + (goal.verdict === "met" ? (short ? " ahead" : " ahead of goal") : short ? " behind" : " behind goal");
  };
  /* Everything the ring stands on, with unit and denominator. */
  office.goalHint = goal => {
    if (!goal) return "no goal: nothing is planned";
    const share = office.percent(goal.planned ? goal.now / goal.planned : goal.whole ? 1 : null);
    return `ran ${office.machineTime(goal.running)}; goal by now ${office.machineTime(goal.now)}, ${share} of ${office.machineTime(goal.planned)} planned so far` +
      `; ${office.machineTime(goal.whole)} by the end of the shift` + (goal.unknown >= 1000 ? `; ${office.machineTime(goal.unknown)} unknown` : "");
  };

  function make(large) {
    const node = office.element("span", "ring" + (large ? " large" : ""));
    node.setAttribute("role", "img");
    const wide = large ? WIDE_LARGE : WIDE, middle = wide / 2, radius = middle * 0.85;
    const box = office.svg("svg", { viewBox: `0 0 ${wide} ${wide}`, "aria-hidden": "true" });
    const arc = name => {
      const circle = office.svg("circle", { class: name, cx: middle, cy: middle, r: radius, transform: `rotate(-90 ${middle} ${middle})` });
      box.append(circle);
      return circle;
    };
    const r = { node, middle, radius, track: arc("track"), doubt: arc("doubt"), value: arc("value") };
    r.dot = office.svg("circle", { class: "dot", r: wide * 0.075 });
    r.hours = office.svg("text", { class: "hours", x: middle, y: middle + (large ? 1 : 0), "text-anchor": "middle" });
    r.unit = office.svg("text", { class: "unit", x: middle, y: middle + (large ? 17 : 14), "text-anchor": "middle" });
    box.append(r.dot, r.hours, r.unit);
    node.append(box);
    const say = () => { const at = node.getBoundingClientRect(); office.tip.show(node.title || node.dataset.words, at.left + at.width / 2, at.top - 6); };
    node.addEventListener("focus", say);
    node.addEventListener("blur", () => office.tip.hide());
    return r;
  }
  function stretch(circle, share) {
    const round = 2 * Math.PI * circle.r.baseVal.value;
    circle.setAttribute("stroke-dasharray", `${(Math.max(0, Math.min(1, share)) * round).toFixed(2)} ${round.toFixed(2)}`);
  }
  function set(r, goal) {
    const words = office.goalHint(goal), key = goal ? [goal.running, goal.now, goal.whole, goal.unknown].map(Math.round).join() : "none";
    if (r.key === key) return;
    r.key = key;
    r.node.dataset.goal = goal ? goal.verdict : "none";
    office.hint(r.node, words);
    r.node.setAttribute("aria-label", (goal ? office.goalWords(goal) + ": " : "") + words);
    for (const part of [r.doubt, r.dot]) part.toggleAttribute("hidden", !goal);
    const whole = goal ? goal.whole : 1;
    stretch(r.value, goal ? goal.running / whole : 0);
    r.value.toggleAttribute("hidden", !goal || !goal.running);
    stretch(r.doubt, goal && goal.unknown ? (goal.running + goal.unknown) / whole : 0);
    r.doubt.toggleAttribute("hidden", !goal || !goal.unknown);
    const turn = 2 * Math.PI * Math.min(1, goal ? goal.now / whole : 0);
    r.dot.setAttribute("cx", (r.middle + r.radius * Math.sin(turn)).toFixed(2));
    r.dot.setAttribute("cy", (r.middle - r.radius * Math.cos(turn)).toFixed(2));
    r.node.dataset.long = String(goal ? Math.min(6, office.hours(goal.running).length) : 1);
    office.say(r.hours, goal ? office.hours(goal.running) : office.NONE);
    office.say(r.unit, goal ? "h ran" : "no plan");
  }
  office.ring = { make, set, sign: goal => (goal ? SIGNS[goal.verdict] : "") };
})();
