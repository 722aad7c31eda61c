/* What devices of one's own have said, as it comes: the payload, what was understood of it, or why it was refused. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const MOST = 12;
  const rows = new Map();
  let root = null, body = null, ticking = 0;

  const place = topic => "/machine/" + encodeURIComponent(topic);
  function makeRow() {
    const node = make("tr"), r = { node, wall_ms: 0 };
    const cell = (label, className) => { const one = make("td", className); one.dataset.label = label; node.append(one); return one; };
    const head = make("th");
    head.scope = "row";
    r.topic = make("code");
    r.payload = make("code", "payload");
    head.append(r.topic, r.payload);
    node.append(head);
    r.when = cell("came", "came");
    r.said = cell("understood", "understood");
    return r;
  }
  /* How to mend what was refused, where the sentence itself does not say it. */
  function mend(refusal) {
    if (/topics\.toml says/.test(refusal.reason)) return "Set path and factor of its table in dashboard/topics.toml, and start ingest again.";
    if (/unknown topic/.test(refusal.reason)) return "Publish to " + root.dataset.topic + ", with a name of your own in the middle.";
    if (/ahead of the plant clock/.test(refusal.reason)) return "Leave \"at\" out: the message then counts as of the plant's now.";
    if (/not a batch|malformed|JSON/i.test(refusal.reason)) return "The payload is one JSON object, such as {\"power_kw\": 3.2}.";
    return "";
  }
  function understood(r, one) {
    const box = [], link = make("a", "", one.machine);
    link.href = place(one.machine);
    const values = Object.entries(one.values).map(([name, [value, unit]]) => `${name} ${office.value(value)}${unit ? "\u00a0" + unit : ""}`);
    box.push(link, make("span", "", values.length ? ": " + values.join(", ") : ": no value"), make("span", "label", `, read at ${office.clock(one.at_ms)} plant time`));
    if (one.state) {
      const state = make("p", "heard-state"), word = make("b", "word", one.state);
      state.dataset.state = one.state;
      state.append(office.sign(one.state), word);
      if (one.learning) state.append(make("span", "label", one.learning));
      box.push(state);
    }
    return box;
  }
  function refused(one) {
    const box = [make("b", "not", "refused"), make("span", "", ": " + one.reason)], how = mend(one);
    if (how) box.push(make("p", "label", how));
    return box;
  }
  function age(r) {
    const ms = Math.max(0, Date.now() - r.wall_ms);
    office.say(r.when, (ms < 1500 ? "just now" : office.duration(ms) + " ago") + (r.count > 1 ? `, ${office.count(r.count)} so far` : ""));
  }
  function setRow(r, entry) {
    const { one, ok } = entry, key = JSON.stringify(one);
    r.wall_ms = one.wall_ms;
    r.count = ok ? one.count : 1;
    age(r);
    if (key === r.key) return;
    r.key = key;
    office.say(r.topic, one.topic);
    office.say(r.payload, one.head || "(empty)");
    r.said.replaceChildren(...(ok ? understood(r, one) : refused(one)));
    r.node.dataset.ok = String(ok);
  }
  function mount(page) {
    root = page;
    rows.clear();
    const table = make("table", "buckets cards checker"), head = make("thead"), titles = make("tr");
    body = make("tbody");
    for (const words of ["topic and payload", "came", "understood"]) { const cell = make("th", "", words); cell.scope = "col"; titles.append(cell); }
    head.append(titles);
    table.append(make("caption", "unseen", "Messages of devices of one's own, the newest first"), head, body);
    const none = make("p", "label", `Nothing has come yet. Copy a line from above, and it is here within a second. What the guest says elsewhere than on ${page.dataset.topic}, and a device elsewhere than under devices/, the broker drops without a word.`);
    none.id = "checker-none";
    by("checker-list").replaceChildren(table, none);
    clearInterval(ticking);
    ticking = setInterval(() => { if (!document.hidden) rows.forEach(age); }, 1000);
  }
  function draw() {
    const page = by("machines");
    if (!page || !by("checker-list")) { root = null; clearInterval(ticking); return; }
    if (page !== root) mount(page);
    const heard = office.plant.heard || { newest: [], patterns: [] }, refusals = office.plant.refusals;
    const entries = heard.newest.map(one => ({ one, ok: true, key: "+" + one.topic }));
    const seen = new Set();
    for (const one of refusals ? refusals.newest : []) {
      if (seen.has(one.topic)) continue;
      seen.add(one.topic);
      entries.push({ one, ok: false, key: "-" + one.topic });
    }
    entries.sort((a, b) => b.one.wall_ms - a.one.wall_ms);
    const shown = entries.slice(0, MOST), keys = new Set(shown.map(entry => entry.key));
    for (const [key, r] of [...rows]) if (!keys.has(key)) { r.node.remove(); rows.delete(key); }
    shown.forEach((entry, i) => {
      let r = rows.get(entry.key);
      if (!r) rows.set(entry.key, (r = makeRow()));
      setRow(r, entry);
      if (body.children[i] !== r.node) body.insertBefore(r.node, body.children[i] || null);
    });
    by("checker-none").hidden = shown.length > 0;
    body.parentElement.hidden = !shown.length;
    const total = refusals ? refusals.total : 0;
    office.say(by("checker-count"), `${heard.newest.length === 1 ? "1 topic" : heard.newest.length + " topics"} understood, ${office.count(total)} message${total === 1 ? "" : "s"} refused since the office began`);
    office.say(by("checker-map"), heard.patterns.length ? "The topic map listens for " + heard.patterns.join(", ") + "." : "The topic map, dashboard/topics.toml, has no device in use: it holds three examples to begin with.");
  }
  let due = false;
  for (const reason of ["live", "page"]) addEventListener(reason, () => { if (!due) { due = true; requestAnimationFrame(() => { due = false; draw(); }); } });
})();
