/* The three greatest losses of a machine's window, and the way to all of them. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const make = (name, className, text) => office.element(name, className, text);
  const SHOWN = 3, AGAIN_MS = 20000;

  function draw(box, said) {
    const losses = said.pareto.losses.slice(0, SHOWN), window = office.machineWindow, pieces = [];
    const link = make("a", "onward", "All losses of this machine");
    link.href = "/losses?" + new URLSearchParams({ machine: said.machine, ...(window && window.window !== "shift" ? { window: window.window } : {}) });
    if (!losses.length) pieces.push(make("p", "label", "Nothing was lost in this window."));
    else {
      const list = make("ol", "greatest"), most = losses[0].lost_s || 1;
      for (const loss of losses) {
        const item = make("li"), head = make("div", "greatest-head"), bar = make("div", "bar"), fill = make("i"), causes = loss.causes.filter(one => one.word).slice(0, 2).map(one => one.word);
        head.append(make("span", "word", loss.word[0].toUpperCase() + loss.word.slice(1)), make("span", "number", office.duration(loss.lost_s * 1000)));
        fill.style.width = (loss.lost_s / most) * 100 + "%";
        bar.append(fill);
        item.append(head, bar, make("span", "label", `${office.percent(loss.share)} of ${office.duration(said.pareto.lost_s * 1000)} lost` + (loss.stops ? `, ${office.count(loss.stops)} stop${loss.stops === 1 ? "" : "s"}` : "") + (causes.length ? `: ${causes.join(", ")}` : "")));
        list.append(item);
      }
      pieces.push(list);
    }
    box.replaceChildren(...pieces, link);
  }
  const ask = office.panel("machine-losses", "/api/losses", "The losses", draw, AGAIN_MS);
  office.onWindow(window => ask(window.query, window.live));
})();
