/* The messages of a machine as they came, and the way of each to this browser in milliseconds. What was said
   is text from the wire: it is only ever written as text. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const NEWEST = innerWidth < 760 ? 1 : 3, KEPT = 3000, LINE = 96, LATER_MS = 1500, TRIES = 3;

  /* --- when this browser drew what ------------------------------------------------------------------------ */
  const drawn = [];  /* [wall time at which pages were told, wall time at which it was drawn here] */
  addEventListener("live", event => {
    const board = office.plant.board;
    if (!board) return;
    const entry = [board.wall_ms, 0, event.detail.whole];
    if (drawn.length && drawn[drawn.length - 1][0] >= entry[0]) return;
    drawn.push(entry);
    if (drawn.length > KEPT) drawn.shift();
    requestAnimationFrame(() => setTimeout(() => { entry[1] = Date.now(); }));
  });
  /* Pages were told of all that was committed by then: the first such word is the one that brought it. */
  function drawnHere(committed) {
    const entry = drawn.find(([wall]) => wall >= committed);
    if (!entry || !entry[1]) return null;
    return { at: entry[1], opened: entry === drawn[0] || entry[2] };
  }

  /* --- a message ------------------------------------------------------------------------------------------ */
  const stamp = ms => office.clock(ms) + "." + String(((ms % 1000) + 1000) % 1000).padStart(3, "0");
  const moment = text => (text === null ? null : Date.parse(text));
  /* JSON with a key a line; a column of numbers stays on its line. */
  function pretty(text) {
    let value;
    try { value = JSON.parse(text); } catch (error) { return text; }
    if (value === null || typeof value !== "object" || Array.isArray(value)) return JSON.stringify(value, null, 1);
    const lines = Object.entries(value).map(([key, one]) => {
      const flat = JSON.stringify(one), name = "  " + JSON.stringify(key) + ": ";
      if (!Array.isArray(one) || flat.length <= LINE || typeof one[0] !== "object") return name + flat.replace(/,(?=\S)/g, ", ");
      return name + "[\n" + one.map(each => "    " + JSON.stringify(each)).join(",\n") + "\n  ]";
    });
    return "{\n" + lines.join(",\n") + "\n}";
  }
  function wayOf(message) {
    const list = make("ol", "way"), received = moment(message.received), sent = moment(message.way.sent), committed = moment(message.way.committed);
    const told = moment(message.way.told), base = sent === null ? received : sent, here = committed === null ? null : drawnHere(committed);
    const step = (words, text, at, why) => {
      const item = make("li", at === null ? "none" : ""), after = make("span", "number", at === null ? office.NONE : at === base ? "0 ms" : `+${office.count(at - base)} ms`);
      item.append(make("span", "word", words), after, make("span", "label", at === null ? why : text));
      list.append(item);
    };
    const whole = [make("span", "word", "stamped at the machine"), make("span", "number", ""), make("span", "label", `${stamp(moment(message.stamped))} to ${stamp(moment(message.until))} plant time`)];
    const first = make("li");
    first.append(...whole);
    list.append(first);
    step("sent by the plant", stamp(sent || 0), sent, "not said");
    step("received by ingest", stamp(received), received, "");
    step("committed to the history", stamp(committed || 0), committed, "not noted");
    step("told to pages", stamp(told || 0), told, committed === null ? "not noted" : "not yet");
    step("drawn in this browser", here ? stamp(here.at) : "", here && !here.opened ? here.at : null,
      committed === null ? "not known" : here ? "this page was opened later" : "not yet");
    return list;
  }
  function shown(message, topic, gateway) {
    const box = make("article", "message"), head = make("div", "message-head"), code = make("pre"), fold = make("details"), summary = make("summary", "", "What was said, as it came");
    head.append(make("code", "", topic), make("span", "label", `${office.count(message.bytes)} bytes${gateway ? `, in a batch of ${gateway}` : ""}`));
    code.textContent = pretty(message.payload) + (message.whole ? "" : "\n… and more");
    code.tabIndex = 0;
    code.setAttribute("role", "region");
    code.setAttribute("aria-label", "Payload");
    fold.append(summary, code);
    box.append(head, wayOf(message), fold);
    return box;
  }
  async function fetched(query) {
    const window = office.machineWindow, run = window && window.query.run ? { run: window.query.run } : {};
    const answer = await fetch("/api/messages?" + new URLSearchParams({ ...run, ...query }), { cache: "no-store" });
    const said = await answer.json();
    if (!answer.ok) throw new Error(said.error || String(answer.status));
    return said;
  }
  const nothing = (said, at) => said.kept_from === null ? "None of its messages is kept." :
    at !== null && at < moment(said.kept_from) ? `Messages are kept since ${office.date(moment(said.kept_from))}, ${office.clock(moment(said.kept_from))}: that is later.` : "No message tells of this moment.";
  /* Writes the message that tells of a moment into a place. */
  office.wireAt = async (place, machine, at) => {
    place.replaceChildren(make("p", "label", "Looking for it."));
    try {
      const said = await fetched({ machine, at: Math.round(at), limit: 1 });
      place.replaceChildren(...(said.messages.length ? said.messages.map(one => shown(one, said.topic, said.gateway)) : [make("p", "label", nothing(said, at))]));
    } catch (error) { place.replaceChildren(make("p", "label", "It cannot be read just now" + (error instanceof TypeError ? "." : ": " + error.message))); }
  };

  /* --- the panel: the newest on demand, and a moment that is typed ----------------------------------------- */
  let panel = null, list = null, of = "";
  function build(box) {
    panel = box;
    const tools = make("div", "wire-tools"), newest = make("button", "button", "Fetch the newest"), form = make("form", "wire-form"), label = make("label", "", "The message that tells of "), field = make("input"), go = make("button", "button", "Find it");
    newest.type = "button";
    newest.addEventListener("click", () => fetchNewest());
    field.type = "datetime-local";
    field.step = "1";
    field.required = true;
    field.name = "moment";
    label.append(field);
    go.type = "submit";
    form.append(label, go);
    form.addEventListener("submit", event => {
      event.preventDefault();
      const local = Date.parse(field.value + "Z");
      office.wireAt(list, of, local - office.zoneOffset(local));
    });
    list = make("div", "messages");
    list.setAttribute("aria-live", "polite");
    tools.append(newest, form);
    box.replaceChildren(tools, list);
  }
  async function fetchNewest(tries = TRIES) {
    try {
      const said = await fetched({ machine: of, limit: NEWEST });
      if (list) list.replaceChildren(...(said.messages.length ? said.messages.map(one => shown(one, said.topic, said.gateway)) : [make("p", "label", nothing(said, null))]));
      /* The stamps of a commit come with the next one. */
      if (tries > 1 && said.messages.length && said.messages[0].way.told === null && Date.now() - moment(said.messages[0].received) < 10000) setTimeout(() => { if (list && list.isConnected) refresh(tries - 1, said); }, LATER_MS);
    } catch (error) { if (list) list.replaceChildren(make("p", "label", "The messages cannot be read just now" + (error instanceof TypeError ? "." : ": " + error.message))); }
  }
  /* The same messages again, with what is known of their way by now. */
  async function refresh(tries, before) {
    try {
      const said = await fetched({ machine: of, at: moment(before.messages[0].stamped), limit: 1 }), now = said.messages[0], place = list.firstElementChild;
      if (!now || now.stamped !== before.messages[0].stamped || !place) return;
      place.querySelector(".way").replaceWith(wayOf(now));
      if (tries > 1 && now.way.told === null) setTimeout(() => { if (list && list.isConnected) refresh(tries - 1, before); }, LATER_MS);
    } catch (error) { /* what is shown stays */ }
  }
  office.onWindow(window => {
    const box = by("machine-wire");
    if (!box || (box === panel && of === window.machine && box.childElementCount)) return;
    of = window.machine;
    build(box);
    const field = box.querySelector("input"), now = window.now;
    field.value = new Date(now + office.zoneOffset(now)).toISOString().slice(0, 19);
    fetchNewest();
  });

  /* --- a point of a chart ----------------------------------------------------------------------------------- */
  office.openPoint = (machine, signal, words, at) => {
    const { body } = office.dialog(signal, "point");
    const place = make("div");
    body.append(make("p", "", words), place);
    /* A minute is made by all messages that tell of it: the last of them finished it. */
    office.wireAt(place, machine, at);
  };
})();
