/* The panel of the tour: caption, where one is in it, and its buttons. It lies at the lower edge, stays there
   from page to page, and what it says is heard once by who listens to the page. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  const P = { node: null, mode: "", parts: {} };

  function button(words, press, className, label) {
    const node = make("button", "button " + (className || ""), words);
    node.type = "button";
    if (label) node.setAttribute("aria-label", label);
    node.addEventListener("click", press);
    return node;
  }
  /* What is heard: an element that is there before it speaks. */
  let heard = null;
  function hear(text) {
    if (!heard) {
      heard = make("div", "unseen");
      heard.id = "tour-heard";
      heard.setAttribute("role", "status");
      document.body.append(heard);
    }
    setTimeout(() => office.say(heard, text), 50);
  }
  /* Everything is drawn anew for another mode; in one mode only words change, so that focus stays. */
  function mount(mode) {
    if (P.mode === mode && P.node) return P.parts;
    const held = has(document.activeElement);
    if (P.node) P.node.remove();
    const node = make("section", "tour-panel"), head = make("div", "tour-head"), place = make("span", "label"), title = make("h2");
    const text = make("div", "tour-text"), links = make("div", "tour-links"), said = make("p", "said tour-said"), buttons = make("div", "buttons tour-buttons");
    node.id = "tour-panel";
    node.tabIndex = -1;
    title.id = "tour-title";
    node.setAttribute("aria-label", "Guided tour");
    node.dataset.mode = P.mode = mode;
    head.append(place, title);
    node.append(head, text, links, said, buttons);
    P.node = node;
    P.parts = { place, title, text, links, said, buttons, gaps: new Map() };
    document.body.append(node);
    for (const one of [said, links]) one.hidden = true;
    room();
    if (held) node.focus({ preventScroll: true });
    return P.parts;
  }
  /* So much of the page's end would lie under the panel: it is added below. */
  function room() {
    const root = document.documentElement;
    if (!P.node) { root.style.removeProperty("--tour-room"); delete root.dataset.tour; return; }
    root.dataset.tour = P.mode;
    root.style.setProperty("--tour-room", `${Math.ceil(innerHeight - P.node.getBoundingClientRect().top)}px`);
  }
  const sized = new ResizeObserver(() => { room(); office.tourRing.place(); });
  const has = node => Boolean(P.node && node instanceof Node && P.node.contains(node));

  /* A sentence with its numbers, each in a node of its own: they go on changing while one reads. */
  function sentence(text, gaps) {
    const node = make("p");
    for (const piece of text.split(/(\{[^{}]+\})/).filter(Boolean)) {
      if (piece[0] !== "{") { node.append(piece); continue; }
      const number = make("b", "tour-number", "…"), name = piece.slice(1, -1);
      number.dataset.number = name;
      if (!gaps.has(name)) gaps.set(name, []);
      gaps.get(name).push(number);
      node.append(number);
    }
    return node;
  }
  function caption(parts, title, sentences) {
    parts.gaps.clear();
    const head = sentence(title, parts.gaps);
    parts.title.replaceChildren(...head.childNodes);
    parts.text.replaceChildren(...sentences.map(one => sentence(one, parts.gaps)));
  }
  function numbers(told) {
    if (P.mode !== "step") return;
    for (const [name, nodes] of P.parts.gaps) for (const node of nodes) office.say(node, told.get(name) || office.NONE);
  }
  function said(result) {
    const { said: node } = P.parts;
    if (!node) return;
    node.hidden = false;
    office.said(node, result, "Done");
  }
  function step(step, index, all) {
    const { tour } = office, S = tour.state, fresh = P.mode !== "step", parts = mount("step");
    if (fresh) {
      parts.bar = make("i");
      const bar = make("div", "tour-bar");
      bar.setAttribute("aria-hidden", "true");
      bar.append(parts.bar);
      P.node.prepend(bar);
      parts.back = button("Back", tour.back);
      parts.pause = button("Pause", () => tour.play(!S.playing));
      parts.next = button("Next", tour.next, "strong");
      parts.again = button("From the beginning", () => tour.end(true));
      parts.end = button("End", () => tour.end(false), "", "End the tour");
      parts.next.id = "tour-next";
      parts.buttons.append(parts.back, parts.pause, parts.next, parts.again, parts.end);
      sized.observe(P.node);
    }
    Object.assign(P.node.dataset, { step: step.name, state: "arriving" });
    office.say(parts.place, `Step ${index + 1} of ${all}`);
    caption(parts, step.title, step.text);
    parts.said.hidden = parts.links.hidden = true;
    parts.links.replaceChildren(...step.links.map(one => { const link = make("a", "button", one.words); link.href = one.page; return link; }));
    parts.back.disabled = index === 0;
    office.say(parts.next, !S.begun ? "Go on from here" : index + 1 === all ? "Finish" : "Next");
    parts.pause.hidden = !S.begun;
    passed(0);
    playing(S.playing, "");
    office.tourRing.off();
    room();
    if (fresh && S.begun) focus();
  }
  function arrived(step, good, told) {
    const parts = P.parts;
    if (!good && step.otherwise) caption(parts, step.title, [step.otherwise]);
    numbers(told);
    parts.links.hidden = !step.links.length;
    P.node.dataset.state = good ? "there" : "late";
    room();
    office.tourRing.on(step);
    hear(`${parts.place.textContent}. ${parts.title.textContent}. ${parts.text.textContent}`);
  }
  function passed(share) {
    if (P.parts.bar) P.parts.bar.style.transform = `scaleX(${share.toFixed(3)})`;
  }
  function playing(on, why) {
    if (P.mode !== "step") return;
    office.say(P.parts.pause, on ? "Pause" : "Go on");
    P.node.dataset.playing = String(on);
    if (why) { P.parts.said.hidden = false; office.said(P.parts.said, { ok: true, message: why }, ""); }
    else if (on) P.parts.said.hidden = true;
  }
  function focus() {
    const first = P.mode === "step" ? P.parts.next : P.node;
    if (first) first.focus({ preventScroll: true });
  }
  function plain(mode, title, sentences, buttons) {
    sized.disconnect();
    P.mode = "";
    const parts = mount(mode);
    office.tourRing.off();
    caption(parts, title, sentences);
    parts.buttons.replaceChildren(...buttons);
    room();
    return parts;
  }
  function opening(file, why) {
    const { tour } = office, text = file.text.map(one => one.replaceAll("{minutes}", String(file.minutes)));
    const plant = office.plant.board && office.plant.faults;
    const parts = plain("opening", file.title, why ? [why, ...text] : text, [
      button("Begin", () => tour.begin(0, false), "strong"),
      ...(plant ? [button(`Start over with seed ${file.seed}, then begin`, () => tour.begin(0, true))] : []),
      button("Not now", () => tour.end(false)),
    ]);
    office.say(parts.place, `${file.steps.length} steps, about ${file.minutes} minutes; arrow keys lead on, Escape ends it`);
    focus();
    hear(`${file.title}. ${text.join(" ")}`);
  }
  function waits(at, all) {
    const { tour } = office;
    plain("waits", "The tour waits", [`You are at step ${at + 1} of ${all}.`], [button("Go on with it", tour.resume, "strong"), button("End", () => tour.end(false), "", "End the tour")]);
  }
  function left(debts, result) {
    const { tour } = office, words = debts.map(one => one.words).join(" and ");
    const parts = plain("left", "A tour has left something behind", [`It began ${words}, which the plant still has.`], [button("Put it back", () => tour.end(false), "strong")]);
    if (result) { parts.said.hidden = false; office.said(parts.said, result, ""); }
  }
  function busy(words) {
    if (!P.node) return;
    if (words) { P.parts.said.hidden = false; office.said(P.parts.said, { ok: true, message: words }, ""); }
  }
  function close(back) {
    sized.disconnect();
    if (P.node) P.node.remove();
    Object.assign(P, { node: null, mode: "", parts: {} });
    office.tourRing.off();
    room();
    const opener = document.getElementById("tour");
    if (back && opener) opener.focus({ preventScroll: true });
  }
  addEventListener("resize", room);
  office.tourPanel = {
    step, arrived, numbers, said, passed, playing, focus, opening, waits, left, busy, close, has, mode: () => P.mode,
    sentence: words => plain("sentence", "Guided tour", [words], [button("Close", () => close(true))]), top: () => (P.node ? P.node.getBoundingClientRect().top : innerHeight),
  };
})();
