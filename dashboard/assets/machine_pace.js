/* Parts against plan: what was made, where it should be by now, and the gap in parts and in time. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  const HIGH = 184, LEFT = 44, RIGHT = 10, TOP = 26, BOTTOM = 22, STEPS = [1, 2, 5];

  /* A round step of which the greatest value has three or four. */
  office.roundStep = (greatest, count = 4) => {
    const least = greatest / count;
    for (let scale = 10 ** Math.floor(Math.log10(Math.max(least, 1e-9))); ; scale *= 10) for (const step of STEPS) if (step * scale >= least) return step * scale;
  };
  let shown = null;  /* what is written just now, to be kept up with the plant */
  const points = steps => steps.map(one => [Date.parse(one.at), one.parts]);
  /* The plan up to a moment, and from it on. */
  function cut(plan, at) {
    const before = plan.filter(([ms]) => ms < at), after = plan.filter(([ms]) => ms > at);
    if (!before.length || !after.length) return [plan, []];
    const [m0, p0] = before[before.length - 1], [m1, p1] = after[0], there = [at, p0 + ((p1 - p0) * (at - m0)) / (m1 - m0)];
    return [[...before, there], [there, ...after]];
  }
  /* Parts and plan by now are those of the numbers above, which are pushed; the curve is asked for now and then. */
  function newest(said) {
    const window = office.machineWindow, n = window && window.numbers, same = n && window.machine === said.machine && n.parts !== null && n.target_parts !== null;
    const made = same ? n.parts : said.pace.made, due = same ? n.target_parts : said.pace.due, at = same ? Math.min(window.now, window.to) : Date.parse(said.to);
    return { made, due, at, gap: made - due, gap_ms: Math.abs(made - due) * said.ideal_cycle_s * 1000 };
  }
  function sayFacts(box, said) {
    const is = newest(said), behind = is.gap < 0;
    const due = Math.floor(is.due), apart = Math.floor(Math.abs(is.gap)), parts = count => (count === 1 ? "part" : "parts");
    const facts = [["made", office.count(is.made), parts(is.made)], ["should be by now", office.count(due), parts(due)],
      [behind ? "behind" : "ahead", office.count(apart), `${parts(apart)}, ${office.duration(is.gap_ms)} at ${office.value(said.ideal_cycle_s)} s each`]];
    facts.forEach((texts, k) => box.children[k].querySelectorAll("dt, dd > span").forEach((node, place) => office.say(node, texts[place])));
  }
  function draw(box, said) {
    if (!said.pace) { box.replaceChildren(make("p", "label", "No plan: " + said.missing + ".")); return; }
    const pace = said.pace, facts = make("dl", "pace-facts"), is = newest(said);
    for (let k = 0; k < 3; k++) { const one = make("div"), dd = make("dd"); dd.append(make("span", "number"), make("span", "label")); one.append(make("dt", "label"), dd); facts.append(one); }
    sayFacts(facts, said);
    shown = { facts, said };
    const svg = picture(box.clientWidth || 320, pace, is);
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", `${is.made} parts made, ${Math.floor(is.due)} planned by now, ${Math.floor(pace.whole)} by the end of the window`);
    box.replaceChildren(facts, svg, make("p", "label", `plan: its ideal cycle held in all planned time, ${office.count(Math.floor(pace.whole))} parts by ${office.time(points(pace.plan).pop()[0])}`));
  }
  function picture(width, pace, is) {
    const steps = [...points(pace.steps).filter(([ms]) => ms <= is.at), [is.at, is.made]], plan = points(pace.plan), from = plan[0][0], to = plan[plan.length - 1][0], most = Math.max(pace.whole, is.made, 1);
    const x = ms => LEFT + ((ms - from) / Math.max(to - from, 1)) * (width - LEFT - RIGHT), y = parts => HIGH - BOTTOM - (parts / most) * (HIGH - TOP - BOTTOM);
    const svg = office.svg("svg", { viewBox: `0 0 ${width} ${HIGH}`, width, height: HIGH, class: "chart" });
    const put = (name, attributes, text) => { const node = office.svg(name, attributes); if (text !== undefined) node.textContent = text; svg.append(node); };
    const each = office.roundStep(most);
    for (let parts = 0; parts <= most; parts += each) {
      put("line", { x1: LEFT, x2: width - RIGHT, y1: y(parts), y2: y(parts), class: "grid" });
      put("text", { x: LEFT - 6, y: y(parts) + 4, "text-anchor": "end" }, office.count(parts));
    }
    put("text", { x: 0, y: 12 }, "parts");
    const hour = office.HOUR, every = [0.5, 1, 2, 4, 8, 24].map(h => h * hour).find(ms => (to - from) / ms <= Math.max(2, width / 90)) || 24 * hour, offset = office.zoneOffset(to);
    for (let at = Math.ceil((from + offset) / every) * every - offset; at <= to; at += every) put("text", { x: Math.min(Math.max(x(at), LEFT + 14), width - RIGHT - 16), y: HIGH - 5, "text-anchor": "middle" }, office.time(at));
    const path = list => list.map(([ms, parts], k) => `${k ? "L" : "M"}${x(ms).toFixed(1)} ${y(parts).toFixed(1)}`).join("");
    const [done, ahead] = cut(plan, is.at);
    put("path", { d: path(done), class: "plan" });
    if (ahead.length) put("path", { d: path(ahead), class: "plan ahead" });
    let stairs = "", last = null;
    for (const [ms, parts] of steps) { stairs += last === null ? `M${x(ms).toFixed(1)} ${y(parts).toFixed(1)}` : `H${x(ms).toFixed(1)}V${y(parts).toFixed(1)}`; last = parts; }
    put("path", { d: stairs, class: "made-line" });
    const [end] = steps[steps.length - 1];
    put("line", { x1: x(end), x2: x(end), y1: y(is.made), y2: y(is.due), class: is.gap < 0 ? "gap behind" : "gap" });
    put("circle", { cx: x(end), cy: y(is.due), r: 3.5, class: "due" });
    return svg;
  }
  const ask = office.panel("machine-pace", "/api/pace", "The parts", draw);
  office.onWindow(window => {
    ask({ ...window.query, until: new Date(window.ends).toISOString() }, window.live);
    if (shown && shown.facts.isConnected) sayFacts(shown.facts, shown.said);
  });
  addEventListener("resize", ask.redraw);
})();
