/* What is wrong with the chain behind the page, as pushed: the foremost sentence for the notice line of
   every page, and a mark at the page Health in the navigation. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const moment = ms => new Date(ms).toLocaleTimeString("en-GB");

  /* The foremost of what is wrong; null while nothing is. */
  office.foremost = () => office.plant.wrong[0] || null;
  office.sinceWords = ms => (ms === null ? "" : `Since ${moment(ms)}.`);
  office.wrongWords = one => [one.what, office.sinceWords(one.since_ms), one.do].filter(Boolean).join(" ");

  function mark() {
    const link = document.querySelector('.pages [data-page="/doctor"]');
    if (!link) return;
    const wrong = office.foremost(), lamp = wrong ? wrong.weight : "";
    if ((link.dataset.lamp || "") === lamp) return;
    link.dataset.lamp = lamp;
    if (lamp) link.setAttribute("aria-label", lamp === "broken" ? "Health: a link is broken" : "Health: look at it");
    else link.removeAttribute("aria-label");
  }
  addEventListener("live", mark);
  addEventListener("page", mark);
})();
