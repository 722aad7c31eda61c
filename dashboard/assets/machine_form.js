/* Adding a machine and changing one: a form, and beside it the TOML that it writes. The text is what counts: the
   form changes it line by line, and shows what stands in it. The plant checks it as somebody types. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const CHECK_MS = 250, TILE_MS = 15000, LONGEST = 12000, FAVOURITE = "cnc-mill";
  const F = { root: null, kinds: null, changing: "", named: false, placed: false, fits: null, wrong: null, sequence: 0, timer: 0, busy: false };
  const text = () => by("add-text").value;
  const name = () => by("add-name").value.trim();

  /* --- fields ------------------------------------------------------------------------------------------ */
  function field(id, words, control, after) {
    const box = make("div", "field"), label = make("label", "", words), wrong = make("p", "wrong"), row = make("div", "field-row");
    control.id = "add-" + id;
    label.htmlFor = control.id;
    wrong.id = `add-${id}-wrong`;
    wrong.hidden = true;
    row.append(control);
    if (after) row.append(make("span", "label", after));
    box.append(label, row, wrong);
    return box;
  }
  function input(key, more) {
    const node = make("input");
    Object.assign(node, { autocomplete: "off", spellcheck: false, ...more });
    if (key) { node.dataset.key = key; node.addEventListener("input", () => write(key, node)); }
    return node;
  }
  function number(id, key, words, unit, value) {
    const node = input(key, { inputMode: "decimal", placeholder: value === undefined ? "" : String(value) });
    node.dataset.number = "";
    return field(id, words, node, unit);
  }
  function write(key, node) {
    const said = node.value.trim(), is = "number" in node.dataset ? said.replace(",", ".") : office.toml.quoted(said);
    if (key === "line") F.placed = true;
    setText(office.toml.set(text(), key, said === "" ? null : is));
  }
  function choice(words, options) {
    const box = make("fieldset", "field choice");
    box.append(make("legend", "", words));
    for (const [id, title, hint] of options) {
      const label = make("label"), node = make("input");
      node.type = "radio";
      node.name = "add-sensors";
      node.id = "add-" + id;
      node.addEventListener("change", () => setText(office.toml.set(text(), "controller", id === "retrofit" ? "false" : null)));
      label.append(node, make("span", "", title), make("span", "label", hint));
      box.append(label);
    }
    return box;
  }
  function build() {
    const form = by("add-form"), kind = make("select"), line = input("line"), lines = make("datalist"), feed = make("div", "fields three");
    form.replaceChildren();
    for (const [id, offer] of Object.entries(F.kinds)) { const one = make("option", "", `${offer.title} (${id})`); one.value = id; kind.append(one); }
    kind.addEventListener("change", () => pick(kind.value));
    lines.id = "add-lines";
    line.setAttribute("list", lines.id);
    const named = input("", {}), first = make("div", "fields three"), more = make("details", "more-settings");
    named.addEventListener("input", () => { F.named = true; later(); });
    first.append(field("kind", "Kind", kind), field("name", "Name", named), field("line", "Line", line));
    const after = input("after");
    after.setAttribute("list", "add-machines");
    const machines = make("datalist");
    machines.id = "add-machines";
    after.placeholder = "material without end";
    feed.append(field("after", "Gets its parts from", after), number("buffer_parts", "buffer_parts", "Room between the two", "parts"), number("container_parts", "container_parts", "Moved at once", "parts", 1));
    feed.id = "add-feed";
    more.id = "add-more";
    more.append(make("summary", "", "More settings of this kind"), Object.assign(make("div", "fields three"), { id: "add-settings" }));
    const first_settings = Object.assign(make("div", "fields three"), { id: "add-first-settings" });
    const buttons = make("div", "buttons"), go = make("button", "button strong", "Add the machine"), back = make("button", "button", "Leave it as it is");
    go.type = "submit";
    go.id = "add-go";
    back.type = "button";
    back.id = "add-back";
    back.addEventListener("click", () => { fresh(); office.say(by("add-said"), ""); by("add-name").focus(); });
    /* A file that was saved here, or any other, may be dropped onto the text as well. */
    const file = make("label", "button file", "Open a file"), chosen = make("input", "unseen");
    chosen.type = "file";
    chosen.id = "add-file";
    chosen.accept = ".toml,text/plain";
    chosen.addEventListener("change", async () => { await open(chosen.files[0]); chosen.value = ""; });
    file.append(chosen);
    buttons.append(go, file, back);
    form.append(first, lines, machines, choice("Sensors", [["reported", "Its control reports", "states and parts to the millisecond, and every signal"],
      ["retrofit", "Retrofit", "power, vibration and temperature; power tells running from stopped"]]), first_settings, feed, more, buttons);
    fresh();
  }
  function settings() {
    const offer = F.kinds[by("add-kind").value], first = by("add-first-settings"), more = by("add-settings");
    const known = offer ? offer.settings || [] : [];
    const made = known.map(one => number(one.key, one.key, one.title[0].toUpperCase() + one.title.slice(1), one.unit || "", one.value));
    first.replaceChildren(...made.slice(0, 3));
    more.replaceChildren(...made.slice(3));
    by("add-more").hidden = made.length < 4;
    by("add-feed").hidden = !(offer && offer.makes_parts);
  }

  /* --- what is suggested --------------------------------------------------------------------------------- */
  const known = () => new Set([...office.plant.machines.keys(), ...Object.keys(office.standing || {})]);
  office.freeName = like => {
    const taken = known(), stem = like.replace(/-\d+$/, "") || like;
    for (let n = 1; ; n++) if (!taken.has(`${stem}-${n}`)) return `${stem}-${n}`;
  };
  const likeIt = kind => [...office.plant.machines.values()].map(one => one.values).filter(one => one.kind === kind && one.simulated && one.path !== "bench").sort((a, b) => a.name.localeCompare(b.name))[0];
  function suggest() {
    if (F.changing || !by("add-kind")) return;
    const kind = by("add-kind").value, like = likeIt(kind);
    if (!F.named) {
      const free = office.freeName(like ? like.name : kind.split("-").pop());
      /* What was said of the name before is said of another one. */
      if (by("add-name").value !== free) { by("add-name").value = free; later(); }
    }
    if (!F.placed && like && like.path && office.toml.get(text(), "line") !== like.path) setText(office.toml.set(text(), "line", office.toml.quoted(like.path)));
  }
  function pick(kind) {
    let said = text();
    /* What was set for another kind means something else here. */
    for (const { key } of Object.values(F.kinds).flatMap(offer => offer.settings || [])) said = office.toml.set(said, key, null);
    by("add-text").value = office.toml.set(said, "kind", office.toml.quoted(kind));
    suggest();
    setText(text());
  }
  function fresh() {
    F.changing = "";
    F.named = F.placed = false;
    const kind = F.kinds[FAVOURITE] ? FAVOURITE : Object.keys(F.kinds)[0], like = likeIt(kind);
    by("add-text").value = `kind = ${office.toml.quoted(kind)}\nline = ${office.toml.quoted((like && like.path) || "machining")}\n`;
    show();
    suggest();
    mode();
    later();
  }
  function mode() {
    office.say(by("add-title"), F.changing ? `Change ${F.changing}` : "Add a machine");
    office.say(by("add-go"), F.changing ? "Change the machine" : "Add the machine");
    by("add-back").hidden = !F.changing;
    by("add-file").parentElement.hidden = Boolean(F.changing);
    by("add-name").readOnly = Boolean(F.changing);
  }
  /* Opens a machine's text to be changed. */
  office.change = (machine, said) => {
    if (!F.kinds) return;
    F.changing = machine;
    by("add-name").value = machine;
    mode();
    setText(said);
    office.say(by("add-said"), "");
    by("add-panel").scrollIntoView({ block: "start" });
    by("add-text").focus({ preventScroll: true });
  };

  /* --- text to form -------------------------------------------------------------------------------------- */
  function setText(said) { by("add-text").value = said; show(); later(); }
  function show() {
    const said = text(), kind = by("add-kind"), is = office.toml.get(said, "kind"), was = by("add-first-settings").dataset.kind;
    if (is in F.kinds) kind.value = is; else kind.selectedIndex = -1;
    if (was !== String(is)) { by("add-first-settings").dataset.kind = String(is); settings(); }
    for (const node of by("add-form").querySelectorAll("[data-key]")) {
      const value = office.toml.get(said, node.dataset.key) || "";
      /* What is being typed is not touched, however it is written in the text. */
      if (node !== document.activeElement && node.value !== value) node.value = value;
    }
    const fed = office.toml.get(said, "after") || office.toml.get(said, "buffer_parts") || office.toml.get(said, "container_parts");
    for (const node of by("add-feed").querySelectorAll(".field + .field")) node.hidden = !fed;
    const retrofit = office.toml.get(said, "controller") === "false";
    by("add-retrofit").checked = retrofit;
    by("add-reported").checked = !retrofit;
    office.numberLines();
  }
  /* Written or pasted by hand: a name that stands in it is the machine's. */
  function written() {
    const said = office.toml.get(text(), "name");
    F.placed = true;
    if (said && !F.changing) { by("add-name").value = said; F.named = true; }
    show();
    later();
  }
  async function open(file) {
    if (!file || F.changing) return;
    by("add-text").value = await file.text();
    by("add-name").value = file.name.replace(/\.toml$/, "");
    F.named = true;
    written();
    by("add-text").focus();
  }
  /* --- checking ------------------------------------------------------------------------------------------ */
  function later() {
    F.fits = null;
    clearTimeout(F.timer);
    F.timer = setTimeout(check, CHECK_MS);
  }
  async function check() {
    if (!by("add-text")) return;
    const mine = ++F.sequence, said = text();
    let result;
    if (!name()) result = { ok: false, message: "key 'machine' is missing: allowed is a name, 1 to 40 of a-z, 0-9 and -, with a letter or digit at both ends" };
    else if (!said.trim()) result = { ok: false, message: "key 'kind' is missing: allowed is one of " + Object.keys(F.kinds).join(", ") };
    else if (said.length > LONGEST) result = { ok: false, message: `${office.count(said.length)} characters are too many here: allowed are ${office.count(LONGEST)}; a longer file is put into simulator/machines/` };
    else result = await office.command({ what: "check", machine: name(), text: said, ...(F.changing ? { name: F.changing } : {}) });
    if (mine === F.sequence && by("add-text")) { F.fits = result.ok; F.wrong = office.judged(result); }
  }
  /* --- doing --------------------------------------------------------------------------------------------- */
  async function submit() {
    if (F.busy) return;
    if (F.fits === null) { clearTimeout(F.timer); await check(); }
    if (!F.fits) { if (F.wrong) F.wrong.focus(); return; }
    const machine = name(), change = F.changing, said = by("add-said");
    F.busy = true;
    office.say(said, "Asking the plant.");
    const began = performance.now(), result = await office.command({ what: change ? "change" : "add", machine, text: text() });
    F.busy = false;
    if (!by("add-said")) return;
    office.said(by("add-said"), result, "Done");
    office.machinesChanged(machine);
    if (!result.ok) return;
    fresh();
    if (!change) await there(machine, began, result.message);
  }
  async function there(machine, began, message) {
    while (!office.plant.machines.has(machine) && performance.now() - began < TILE_MS) await new Promise(done => setTimeout(done, 50));
    const said = by("add-said"), came = office.plant.machines.has(machine);
    if (!said) return;
    const link = make("a", "", `Look at ${machine}`), floor = make("a", "", "see it on the floor");
    link.href = "/machine/" + encodeURIComponent(machine);
    link.id = "add-link";
    floor.href = "/";
    const board = office.plant.board, stands = board && board.speed === 0;
    said.replaceChildren(came ? `${message}; its tile was there after ${((performance.now() - began) / 1000).toFixed(1)} s. ` :
      `${message}. ${stands ? "The plant stands still: it comes when time goes on." : "Its tile is not there yet."} `, link, ", or ", floor, ".");
    said.dataset.there = String(came);
    suggest();
  }

  /* --- the page ------------------------------------------------------------------------------------------ */
  async function mount(page) {
    F.root = page;
    F.kinds = null;
    const area = make("textarea"), gutter = make("div", "line-numbers");
    Object.assign(area, { id: "add-text", spellcheck: false, autocomplete: "off", rows: 14, wrap: "off" });
    area.setAttribute("aria-labelledby", "add-text-label");
    gutter.id = "add-numbers";
    gutter.setAttribute("aria-hidden", "true");
    area.addEventListener("input", () => { if (F.kinds) written(); });
    area.addEventListener("scroll", () => { gutter.scrollTop = area.scrollTop; });
    area.addEventListener("drop", event => { if (F.kinds && event.dataTransfer.files.length) { event.preventDefault(); open(event.dataTransfer.files[0]); } });
    by("add-editor").replaceChildren(gutter, area);
    by("add-form").addEventListener("submit", event => { event.preventDefault(); submit(); });
    await askKinds(page);
  }
  async function askKinds(page) {
    const result = await office.command({ what: "kinds" });
    if (F.root !== page || by("machines") !== page) return;
    if (result.ok) { F.kinds = result.kinds || {}; build(); suggestLists(); return; }
    const again = make("button", "button", "Ask again");
    again.type = "button";
    again.addEventListener("click", () => askKinds(page));
    by("add-form").replaceChildren(make("p", "said refused", `The plant cannot be asked which kinds it knows: ${result.message}.`), again);
  }
  function suggestLists() {
    if (!by("add-lines")) return;
    const machines = [...office.plant.machines.values()].map(one => one.values), fill = (id, values) => {
      const key = values.join("\n");
      if (by(id).dataset.key === key) return;
      by(id).dataset.key = key;
      by(id).replaceChildren(...values.map(value => { const one = make("option"); one.value = value; return one; }));
    };
    fill("add-lines", [...new Set(machines.map(one => one.path).filter(path => path && path !== "bench"))].sort());
    fill("add-machines", machines.filter(one => one.simulated && one.path !== "bench").map(one => one.name).sort());
  }
  addEventListener("page", () => { const page = by("machines"); if (page && page !== F.root) mount(page); if (!page) F.root = null; });
  let seen = "";
  addEventListener("live", () => {
    if (!F.root || !F.kinds || !by("add-lines")) return;
    const names = [...office.plant.machines.keys()].sort().join();
    if (names === seen) return;
    seen = names;
    suggestLists();
    suggest();
  });
})();
