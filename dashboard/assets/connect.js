/* Connect your own device: which way of speaking is shown. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  function show() {
    if (!document.getElementById("machines")) return;
    const way = office.chosen("with");
    for (const node of document.querySelectorAll("[data-with]")) node.hidden = node.dataset.with !== way;
  }
  for (const reason of ["address", "page"]) addEventListener(reason, show);
})();
