/* What the reader chose stands in the address, so that a reload, a sent link and the browser's back button
   show it again. A button with `data-choose` and `data-value` is a choice; the first of its group is the one
   that nobody has to make, and stands in no address. Who shows a choice hears `address` when it changes. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const query = () => new URLSearchParams(location.search);

  office.address = {
    get: name => query().get(name) || "",
    /* `changes` are values by name; an empty one is taken out of the address. */
    choose(changes) {
      const next = query(), was = String(next);
      for (const [name, value] of Object.entries(changes)) if (value) next.set(name, value); else next.delete(name);
      const text = String(next);
      if (text !== was) history.pushState(null, "", location.pathname + (text ? "?" + text : ""));
      dispatchEvent(new CustomEvent("address"));
    },
  };
  /* The value that a group of buttons shows: an address that says something else gets the first. */
  office.chosen = name => {
    const values = [...document.querySelectorAll(`[data-choose="${name}"]`)].map(button => button.dataset.value);
    return values.includes(office.address.get(name)) ? office.address.get(name) : values[0];
  };
  function press() {
    /* A window by its moments has no button. */
    const own = office.address.get("from") || office.address.get("to");
    for (const button of document.querySelectorAll("[data-choose]")) {
      const { choose, value } = button.dataset;
      button.setAttribute("aria-pressed", String(value === office.chosen(choose) && !(own && choose === "window")));
    }
  }
  document.addEventListener("click", event => {
    const button = event.target.closest("[data-choose]");
    if (!button) return;
    const { choose, value } = button.dataset, first = document.querySelector(`[data-choose="${choose}"]`);
    office.address.choose({ ...(choose === "window" ? { from: "", to: "" } : {}), [choose]: button === first ? "" : value });
  });
  addEventListener("popstate", () => dispatchEvent(new CustomEvent("address")));
  for (const reason of ["address", "page"]) addEventListener(reason, press);
})();
