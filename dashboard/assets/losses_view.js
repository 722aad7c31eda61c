/* What is chosen on the page of losses stands in the address, and the server answers the address. It is asked
   again when that is another one, and, while the page is looked at, when the plant's clock has gone on. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const AGAIN_MS = 10000;
  let told = null, answered = 0, seen = "";

  const get = name => office.address.get(name);
  const of = () => (get("machine") ? "machine:" + get("machine") : get("line") ? "line:" + get("line") : "");
  const LISTS = { "losses-of": of, "losses-against": () => get("against"), "losses-measure": () => get("measure") };

  function ask(store, data) {
    answered = Date.now();
    dash_clientside.set_props(store, { data });
  }
  function choose() {
    if (!by("losses")) { told = null; return; }
    if (told !== null && told !== location.search) ask("losses-view", location.search);
    told = location.search;
    for (const id of Object.keys(LISTS)) showChosen(id);
  }
  /* A list that is drawn anew has forgotten what was chosen. */
  function showChosen(id) {
    const list = by(id), value = LISTS[id]();
    if (!list) return;
    if (!list.watched) {
      list.watched = true;
      new MutationObserver(() => showChosen(id)).observe(list, { childList: true, subtree: true });
    }
    if (list.value !== value && [...list.options].some(option => option.value === value)) list.value = value;
  }

  document.addEventListener("change", event => {
    const { id, value } = event.target;
    if (id === "losses-against") office.address.choose({ against: value });
    if (id === "losses-measure") office.address.choose({ measure: value });
    if (id === "losses-of") {
      const [what, ...name] = value.split(":");
      office.address.choose({ line: "", machine: "", [what || "line"]: name.join(":") });
    }
  });
  document.addEventListener("click", event => {
    if (!by("losses")) return;
    const loss = event.target.closest("[data-loss]"), cell = event.target.closest("a[data-begun]");
    if (loss) office.address.choose({ loss: loss.dataset.loss });
    /* The cell is a link, so that it can be opened beside; here it keeps what else is chosen. */
    if (cell && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      const [what, ...name] = (cell.dataset.of || "").split(":");
      office.address.choose({ window: "", from: cell.dataset.begun, to: cell.dataset.ended, ...(what ? { line: "", machine: "", [what]: name.join(":") } : {}) });
    }
  });
  /* Rows that move when they are drawn anew take the keyboard's place with them. */
  let held = "", watchedPage = null;
  const holds = node => (node.dataset.loss ? `[data-loss="${CSS.escape(node.dataset.loss)}"]` : node.dataset.begun ? `[data-begun="${node.dataset.begun}"][data-of="${CSS.escape(node.dataset.of)}"]` : "");
  document.addEventListener("focusin", event => { held = by("losses") ? holds(event.target) : ""; });
  document.addEventListener("pointerdown", event => { if (!event.target.closest("[data-loss], [data-begun]")) held = ""; });
  function watch() {
    const page = by("losses");
    if (!page || page === watchedPage) return;
    watchedPage = page;
    new MutationObserver(() => {
      const node = held && document.activeElement === document.body ? page.querySelector(held) : null;
      if (node) node.focus({ preventScroll: true });
    }).observe(page, { childList: true, subtree: true });
  }
  addEventListener("page", watch);
  addEventListener("address", choose);
  addEventListener("page", choose);
  addEventListener("live", () => {
    const board = office.plant.board, now = board ? `${board.run} ${board.now_ms}` : "";
    if (!by("losses") || document.hidden || now === seen || Date.now() - answered < AGAIN_MS) return;
    /* A window that is over says the same again. */
    if (get("to") && seen.split(" ")[0] === now.split(" ")[0] && Date.parse(get("to")) <= board.now_ms) return;
    seen = now;
    ask("losses-ask", Date.now());
  });
})();
