/* One machine as a tile: state and how long first, then its goal, its shares, parts and power. Values from the
   wire are only ever written as text. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  const FUNNEL = "M2 3h12l-4.600 5.600V13L6.600 14.400V8.600z";

  function makeTile(name) {
    const node = make("article", "tile");
    node.dataset.machine = name;
    const head = make("div", "tile-head"), link = make("a", "tile-name", name);
    link.href = "/machine/" + encodeURIComponent(name);
    head.append(link);
    const t = { node, link, icon: make("span", "icon"), badge: office.field(head, "badge", "span", "badge") };
    t.pick = make("button", "pick");
    t.pick.type = "button";
    Object.assign(t.pick.dataset, { pick: "machine", picks: name });
    t.pick.setAttribute("aria-label", `Show ${name} alone`);
    t.pick.title = `Show ${name} alone`;
    const funnel = office.svg("svg", { viewBox: "0 0 16 16", class: "sign", "aria-hidden": "true" });
    funnel.append(office.svg("path", { d: FUNNEL }));
    t.pick.append(funnel);
    head.append(t.pick);
    const body = make("div", "tile-body"), status = make("div", "tile-state");
    status.append(t.icon);
    t.state = office.field(status, "state", "span", "word");
    t.since = office.field(status, "since", "span", "since");
    t.ring = office.ring.make();
    t.ring.node.tabIndex = 0;
    body.append(status, t.ring.node);
    node.append(head, body);
    /* Why it stands, and whether somebody was called, in one line: the head keeps its name whole. */
    const reason = make("div", "tile-reason");
    t.cause = office.field(reason, "cause", "div", "cause");
    t.called = office.field(reason, "called", "span", "badge called");
    node.append(reason);
    t.why = make("span");
    t.other = make("button", "opens");
    t.other.type = "button";
    t.other.dataset.pick = "machine";
    t.further = make("span");
    t.cause.append(t.why, t.other, t.further);
    const metrics = make("div", "metrics");
    t.utilization = office.metric(metrics, "utilization");
    t.uptime = office.metric(metrics, "uptime");
    t.goal = office.field(metrics, "goal", "div", "goal");
    t.goalSign = make("span", "goal-sign");
    t.goalSign.setAttribute("aria-hidden", "true");
    t.goalWords = make("span");
    t.goal.append(t.goalSign, t.goalWords);
    node.append(metrics);
    t.last = office.field(node, "last-shift", "div", "last");
    const foot = make("div", "tile-foot"), left = make("div", "foot-left"), parts = make("span", "parts");
    t.parts = office.field(parts, "parts", "span", "number");
    t.partsWord = make("span", "", " parts");
    parts.append(t.partsWord);
    left.append(parts);
    t.coverage = office.field(left, "coverage", "span", "coverage");
    const power = make("div", "power");
    t.spark = office.svg("svg", { class: "spark", viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" });
    t.area = office.svg("path", { class: "area" });
    t.curve = office.svg("path", { class: "curve", "vector-effect": "non-scaling-stroke" });
    t.spark.append(t.area, t.curve);
    power.append(t.spark);
    t.power = office.field(power, "power", "span", "number");
    foot.append(left, power);
    node.append(foot);
    return t;
  }
  function badgeOf(values) {
    if (values.learning) return "learning";
    if (values.simulated) return "";
    return values.kind && values.how === "reported" ? "recorded" : "real";
  }
  function setState(t, values) {
    if (t.node.dataset.state !== values.state) {
      t.node.dataset.state = values.state;
      t.icon.replaceChildren(office.sign(values.state));
    }
    office.say(t.state, values.state);
    office.hint(t.state, office.MEANING[values.state] || "");
  }
  function setCause(t, values) {
    const waits = values.learning ? null : office.waitWords(values);
    office.say(t.why, waits ? waits.words : values.learning || values.cause || (values.online === false ? "link lost" : ""));
    t.other.hidden = !waits;
    office.say(t.other, waits ? waits.by : "");
    if (waits) { t.other.dataset.picks = waits.by; t.other.title = `Show ${waits.by} alone`; }
    office.say(t.further, waits ? waits.why : "");
    t.cause.hidden = !t.why.textContent;
    t.node.classList.toggle("waits", Boolean(waits) && waits.how === "starved" && waits.by === values.after);
  }
  function setCalls(t, values) {
    const calls = office.callsFor(values.name), unheard = calls.some(call => call.acknowledged_ms === null);
    office.say(t.called, calls.length ? (unheard ? "called" : "call heard") : "");
    office.hint(t.called, calls.map(call => office.callWords(call)).join("; "));
    t.called.hidden = !calls.length;
    t.called.classList.toggle("unheard", unheard);
  }
  function setTile(t, machine, board, early, picked) {
    const values = machine.values, shift = office.numbers(values.shift), last = office.numbers(values.last);
    setState(t, values);
    const lasts = Math.max(0, board.now_ms - values.since_ms);
    /* As the ring beside it says hours: a longer word would run into it. */
    office.say(t.since, "for " + (lasts >= office.HOUR && lasts < 24 * office.HOUR ? office.hours(lasts) + " h" : office.duration(lasts)));
    office.hint(t.since, "since " + office.clock(values.since_ms));
    setCause(t, values);
    setCalls(t, values);
    const mine = Boolean(picked) && office.isPicked(values, picked), alone = mine && picked.kind === "machine";
    t.node.classList.toggle("picked", mine);
    t.pick.setAttribute("aria-pressed", String(alone));
    const badge = badgeOf(values);
    office.say(t.badge, badge);
    t.badge.hidden = !badge;
    const goal = office.goalOf([machine]);
    office.ring.set(t.ring, goal);
    t.goal.dataset.goal = goal ? goal.verdict : "none";
    office.say(t.goalSign, office.ring.sign(goal));
    office.say(t.goalWords, office.goalWords(goal, "tile"));
    t.goal.hidden = !goal;
    office.setMetric(t.utilization, shift, "utilization", office.utilizationHint(shift));
    office.setMetric(t.uptime, shift, "uptime", office.uptimeHint(shift));
    const counted = shift.parts !== null;
    office.hint(t.partsWord, counted ? "in planned time, rejects included" : "nothing counts its parts");
    office.say(t.parts, office.count(shift.parts));
    office.say(t.partsWord, !counted ? " no counter" : shift.parts === 1 ? " part" : " parts");
    const full = shift.coverage === null || shift.coverage >= 0.995;
    office.say(t.coverage, full ? "" : office.percent(shift.coverage) + " covered");
    office.hint(t.coverage, office.coverageHint(shift));
    t.coverage.hidden = full;
    const said = early && last ? `last shift: utilization ${office.shareOrBounds(last.utilization, last.utilization_low, last.utilization_high, last.observed_ms)}, ` +
      `uptime ${office.shareOrBounds(last.uptime, last.uptime_low, last.uptime_high, last.observed_ms)}` : "";
    office.say(t.last, said);
    t.last.hidden = !said;
    setSpark(t, machine.power, values.power_unit);
    office.hint(t.power, values.power_signal ? values.power_signal + ", the last hour by the minute" : "");
  }
  function setSpark(t, power, unit) {
    const newest = power.length ? power[power.length - 1] : null;
    office.say(t.power, newest ? office.value(newest[1]) + " " + unit : "");
    t.spark.toggleAttribute("hidden", power.length < 2);
    const key = newest ? [power.length, power[0], newest].join() : "";
    if (power.length < 2 || t.sparked === key) return;
    t.sparked = key;
    const to = newest[0], from = to - 59 * office.MINUTE;
    const top = Math.max(...power.map(p => p[1]), 1e-9) * 1.05;
    let path = "", area = "", before = null, last = 0;
    for (const [minute, mean] of power) {
      if (minute < from) continue;
      const x = (((minute - from) / (to - from)) * 100).toFixed(1), y = (23 - (Math.max(0, mean) / top) * 22).toFixed(1);
      const joined = before !== null && minute - before <= 2 * office.MINUTE;
      if (!joined) {
        if (before !== null) area += `L${last} 24Z`;
        area += `M${x} 24L${x} ${y}`;
      } else area += `L${x} ${y}`;
      path += (joined ? "L" : "M") + x + " " + y;
      last = x;
      before = minute;
    }
    area += `L${last} 24Z`;
    t.curve.setAttribute("d", path);
    t.area.setAttribute("d", area);
  }
  office.tile = { make: makeTile, set: setTile };
})();
