/* What the plant says of a machine's text, at the place where somebody is looking: its field, or its line. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const PLACES = { machine: "name" };

  office.numberLines = () => {
    const area = by("add-text"), count = area.value.split("\n").length, gutter = by("add-numbers");
    while (gutter.children.length < count) gutter.append(make("i", "", String(gutter.children.length + 1)));
    while (gutter.children.length > count) gutter.lastChild.remove();
    gutter.scrollTop = area.scrollTop;
  };
  function clear(panel) {
    for (const node of panel.querySelectorAll("[aria-invalid]")) { node.removeAttribute("aria-invalid"); node.removeAttribute("aria-describedby"); }
    for (const node of panel.querySelectorAll(".wrong")) node.hidden = true;
  }
  /* Shows an answer of the plant; the control that is wrong, or null. */
  office.judged = result => {
    const area = by("add-text"), sentence = result.ok ? "" : result.message;
    clear(by("add-panel"));
    const found = /key '([^']+)'/.exec(sentence), key = found ? found[1] : "", place = /file name '/.test(sentence) ? "name" : PLACES[key] || key;
    const line = result.ok || place === "name" ? 0 : office.toml.lineOf(area.value, sentence, key);
    [...by("add-numbers").children].forEach((node, i) => node.classList.toggle("at", i + 1 === line));
    by("add-verdict").dataset.fits = String(result.ok);
    office.say(by("add-verdict"), result.ok ? `It fits: ${result.message}.` : "Not yet: see what is marked.");
    if (result.ok) return null;
    const node = by("add-" + place), control = node && node.matches("input, select") ? node : area;
    /* Whoever edits the text does not watch the form. */
    const words = document.activeElement === area ? by("add-text-wrong") : by(control.id + "-wrong");
    words.textContent = (line && words.id === "add-text-wrong" ? `Line ${line}: ` : "") + sentence + ".";
    words.hidden = false;
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", words.id);
    if (control.closest("details")) control.closest("details").open = true;
    return control;
  };
})();
