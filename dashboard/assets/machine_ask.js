/* Asking the API for a panel: once for a window, again now and then while the window goes on, the newest
   answer wins, and what cannot be read is said in its place. Loaded before the panels by its name. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const AGAIN_MS = 10000;

  /* What is drawn anew keeps what the reader has unfolded, and where he is in it. */
  const REACHED = "button, a, summary, input, select";
  function keeping(node, draw) {
    const open = [...node.querySelectorAll("details")].map(one => one.open), at = [...node.querySelectorAll(REACHED)].indexOf(document.activeElement);
    draw();
    node.querySelectorAll("details").forEach((one, k) => { if (open[k]) one.open = true; });
    if (at >= 0 && !node.contains(document.activeElement) && node.querySelectorAll(REACHED)[at]) node.querySelectorAll(REACHED)[at].focus({ preventScroll: true });
  }
  /* `draw` gets the box and the answer; `box` is the id of the place. */
  office.panel = (box, path, what, draw, again = AGAIN_MS) => {
    let key = "", asked = 0, turn = 0, drawn = null;
    const place = () => document.getElementById(box);
    const redraw = () => keeping(place(), () => draw(place(), drawn));
    async function fetched(address) {
      const mine = ++turn;
      let said = null, why = "";
      try {
        const answer = await fetch(address, { cache: "no-store" });
        said = await answer.json();
        if (!answer.ok) { why = ": " + (said.error || answer.status); said = null; }
      } catch (error) { said = null; why = "."; }
      if (mine !== turn || !place()) return;
      /* What was read before stays while the history cannot be read. */
      if (said) { drawn = said; redraw(); } else if (!drawn) place().replaceChildren(office.element("p", "label", `${what} cannot be read just now${why}`));
    }
    const ask = (query, live) => {
      const node = place(), address = path + "?" + new URLSearchParams(query);
      if (!node) return;
      if (address !== key || !node.childElementCount) { if (address !== key) drawn = null; key = address; } else if (!live || Date.now() - asked < again) return;
      asked = Date.now();
      fetched(address);
    };
    /* Ask again at the next chance, whatever was asked. */
    ask.again = () => { if (key && place()) { asked = Date.now(); fetched(key); } };
    ask.redraw = () => { if (drawn && place()) redraw(); };
    return ask;
  };
  /* The window of a machine's page, as it changes and as it goes on. */
  office.onWindow = heard => addEventListener("machine-window", event => heard(event.detail));
})();
