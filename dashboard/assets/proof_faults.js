/* Which faults somebody asked for in the window of the proof: what was measured in spite of them is compared with
   the truth all the same. Asked for when the proof has another window, and now and then while it goes on. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  const AGAIN_MS = 10000;
  let asked = "", asking = 0, askedAt = 0;

  const chip = (fault, now) => {
    const from = Date.parse(fault.from), until = Date.parse(fault.until), on = until > now;
    const when = on ? `since ${office.time(from)}, under way until ${office.time(until)}` : `${office.time(from)}–${office.time(until)}`;
    const words = `${fault.machine}: ${fault.fault}${fault.signal ? ` of ${fault.signal}` : ""}, ${when}`;
    const item = make("li", "chip", words);
    item.title = `severity ${fault.severity} of 1`;
    if (on) item.dataset.reason = "lost link";
    return item;
  };
  addEventListener("proven", async event => {
    const { run, from, to } = event.detail, key = `${run} ${from} ${to}`;
    if (key === asked || (asked.startsWith(`${run} ${from} `) && Date.now() - askedAt < AGAIN_MS)) return;
    asked = key;
    askedAt = Date.now();
    const mine = ++asking;
    try {
      const said = await fetch("/api/faults?" + new URLSearchParams({ run, from, to }), { cache: "no-store" });
      if (!said.ok) return;
      const { faults } = await said.json(), box = document.getElementById("proof-faults");
      if (mine !== asking || !box) return;
      box.hidden = !faults.length;
      box.replaceChildren(...faults.map(fault => chip(fault, Date.parse(to))));
    } catch (error) { asked = ""; }
  });
  addEventListener("page", () => { asked = ""; });
})();
