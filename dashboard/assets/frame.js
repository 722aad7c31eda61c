/* What stands around every page: plant clock, shift, speed, catch-up, the age mark, light and dark. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const CAPITAL = text => text ? text[0].toUpperCase() + text.slice(1) : text;

  function draw() {
    const board = office.plant.board;
    if (!board || !by("plant-clock")) return;
    office.say(by("plant-clock"), office.clock(board.now_ms));
    office.say(by("plant-date"), office.date(board.now_ms) + " · " + board.zone);
    const hours = office.time(board.shift_from_ms) + "–" + office.time(board.shift_to_ms);
    office.say(by("shift-name"), board.shift_name ? CAPITAL(board.shift_name) + " shift" : "No shift");
    office.say(by("shift-window"), board.shift_name ? hours : "shown is the last one, " + office.date(board.shift_from_ms) + " " + hours);
    const achieved = office.decimal(board.achieved, 0, board.achieved >= 100 ? 0 : 1);
    office.say(by("speed"), board.speed === null ? "as fast as it goes" : board.speed === 0 ? "paused" : "×" + office.decimal(board.speed, 0, 1));
    office.say(by("achieved"), "achieved ×" + achieved);
    drawCatchUp(board);
  }
  function drawCatchUp(board) {
    const line = by("catch-up");
    line.hidden = board.catching_up_to_ms === null || board.now_ms >= board.catching_up_to_ms;
    if (line.hidden) return;
    const span = board.catching_up_to_ms - board.epoch_ms;
    const share = span > 0 ? Math.max(0, Math.min(1, (board.now_ms - board.epoch_ms) / span)) : 1;
    const hours = Math.max(1, Math.round(span / office.HOUR));
    office.say(by("catch-up-words"), `living through the last ${hours === 1 ? "hour" : hours + " hours"}: ${Math.floor(share * 100)} %`);
    by("catch-up-bar").style.width = share * 100 + "%";
  }
  function drawAge({ age, stale, answered }) {
    const link = by("link");
    if (!link) return;
    const gone = answered > 6000;
    const broker = office.plant.broker, silent = age === Infinity ? "" : office.duration(age);
    link.dataset.link = gone ? "lost" : broker || stale ? "stale" : "live";
    office.say(by("link-words"), gone ? "no answer" : broker ? "no broker" : !stale ? "live" : silent ? silent + " old" : "waiting");
    const notice = by("notice");
    let words = "";
    const wrong = office.foremost();
    if (gone) words = "The dashboard does not answer; trying again every second. make demo starts it again by itself; with Docker, docker compose up -d web.";
    else if (wrong && !(wrong.link === "ingest" && office.plant.away)) words = office.wrongWords(wrong);
    else if (office.plant.away) words = awayWords(office.plant.away);
    else if (stale && silent) words = `Nothing new from the office for ${silent}: what is shown is that old.`;
    else if (stale) words = "Waiting for the first word of the office.";
    else if (office.plant.board && !office.plant.board.attended) words = "The plant lives on without an office.";
    office.say(notice, words);
    notice.hidden = !words;
  }
  function awayWords({ what, since_ms }) {
    const since = `since ${office.time(since_ms)} plant time`;
    if (what === "behind") return `The office is back, and works through what it has missed ${since}.`;
    return `The office is away: ${since} nobody hears the machines and nobody is called. The plant lives on; its people find a stopped machine on their next round. ` +
      "Plug the office in again: .venv/bin/python -m demo plug push, or docker compose start ingest.";
  }
  /* The row of pages scrolls on a small screen: the page one is on stays in its middle. */
  function showHere() {
    const row = document.querySelector(".pages"), here = row && row.querySelector("[aria-current]");
    if (here) row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
  }
  addEventListener("resize", showHere);
  const THEMES = ["system", "light", "dark"];
  /* A wall screen is dark unless somebody chose light. */
  const usual = () => (location.pathname === "/wall" ? "dark" : "system");
  function theme() {
    let kept = null;
    try { kept = localStorage.getItem("theme"); } catch (error) { /* a browser that keeps nothing */ }
    return !kept || kept === "system" ? usual() : kept;
  }
  function showTheme() {
    const chosen = theme();
    if (chosen === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    const button = by("theme");
    if (button) { office.say(button, CAPITAL(chosen)); button.setAttribute("aria-label", `Theme: ${chosen}; click to change`); }
    dispatchEvent(new CustomEvent("theme"));
  }
  document.addEventListener("click", event => {
    if (event.target.closest("#theme")) {
      const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
      try { localStorage.setItem("theme", next); } catch (error) { /* a browser that keeps nothing */ }
      showTheme();
    }
    const copy = event.target.closest("[data-copy]");
    if (copy) copyText(copy);
  });
  async function copyText(button) {
    const source = by(button.dataset.copy);
    try { await navigator.clipboard.writeText(source.textContent); office.say(button, "Copied"); }
    catch (error) { getSelection().selectAllChildren(source); office.say(button, "Selected"); }
    setTimeout(() => office.say(button, "Copy"), 2000);
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new CustomEvent("theme")));
  addEventListener("live", draw);
  addEventListener("age", event => drawAge(event.detail));
  /* Dash draws the page after this script has run: say everything again once there is a place for it. */
  let there = "";
  new MutationObserver(() => {
    const main = document.querySelector("main");
    const now = (by("plant-clock") ? "frame " : "") + (main ? main.id : "");
    if (now === there) return;
    there = now;
    document.documentElement.dataset.at = main ? main.id : "";
    showTheme();
    for (const link of document.querySelectorAll("[data-page]")) {
      const here = link.dataset.page === "/" ? location.pathname === "/" : location.pathname.startsWith(link.dataset.page);
      if (here) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
    }
    showHere();
    for (const item of document.querySelectorAll(".legend [data-state]")) {
      if (!item.querySelector("svg")) item.prepend(office.sign(item.dataset.state));
    }
    dispatchEvent(new CustomEvent("page"));
    if (office.plant.board) dispatchEvent(new CustomEvent("live", { detail: { whole: true, signals: {} } }));
    const named = location.hash && by(location.hash.slice(1));
    if (named) requestAnimationFrame(() => named.scrollIntoView());
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
