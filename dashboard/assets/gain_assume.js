/* What is assumed of the plant, with its sources, and the controls that change it while it runs: a change is a
   command to the plant, and opens a new segment. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const G = office.gain;
  /* The controls, in order; what a number is shown in, and how many of its own unit that is. */
  const CONTROLS = [["calls", "calls are heard"], ["condition", "people act on trends"], ["rounds_s", "rounds every", "min", 60], ["reaction_s", "reaction to a call, at least", "s", 1], ["on_shift", "people on shift"]];
  let busy = false;

  async function assume(values) {
    if (busy) return;
    busy = true;
    office.say(by("gain-assume-said"), "Asking the plant.");
    const said = await office.command({ what: "assume", values });
    busy = false;
    const box = by("gain-controls");
    if (box) delete box.dataset.key;
    if (by("gain-assume-said")) office.said(by("gain-assume-said"), said, "It holds from now on, and a new segment begins.");
  }
  function onOff(key, words, one) {
    const box = make("div", "gain-control"), button = make("button", "switch"), title = make("span", "", words);
    button.type = "button";
    button.setAttribute("role", "switch");
    button.setAttribute("aria-checked", String(Boolean(one.value)));
    button.append(make("i"), make("span", "", one.value ? "on" : "off"));
    title.id = "assume-" + key;
    button.setAttribute("aria-labelledby", title.id);
    button.addEventListener("click", () => assume({ [key]: !one.value }));
    box.append(title, button);
    return box;
  }
  function amount(key, words, unit, each, one) {
    const box = make("form", "gain-control"), label = make("label", "", words + " "), field = make("input"), set = make("button", "button small", "Set");
    field.type = "number";
    field.step = "any";
    if (typeof one.least === "number") field.min = String(one.least / each);
    if (typeof one.most === "number") field.max = String(one.most / each);
    field.value = String(one.value / each);
    set.type = "submit";
    label.append(field, " " + unit);
    box.append(label, set);
    box.addEventListener("submit", event => {
      event.preventDefault();
      if (field.value !== "") assume({ [key]: Number(field.value) * each });
    });
    return box;
  }
  function persons(key, words, one, names) {
    const box = make("fieldset", "gain-control"), all = one.value === "all" || (Array.isArray(one.value) && one.value.includes("all"));
    box.append(make("legend", "", words));
    const fields = names.map(name => {
      const label = make("label"), field = make("input");
      field.type = "checkbox";
      field.checked = all || (Array.isArray(one.value) && one.value.includes(name));
      field.value = name;
      field.addEventListener("change", () => {
        const chosen = fields.filter(other => other.checked).map(other => other.value);
        if (!chosen.length) { field.checked = true; office.say(by("gain-assume-said"), "Somebody has to be on shift."); return; }
        assume({ [key]: chosen });
      });
      label.append(field, " " + name);
      box.append(label);
      return field;
    });
    return box;
  }
  const shown = one => {
    if (typeof one.value === "boolean") return one.value ? "on" : "off";
    if (Array.isArray(one.value)) return one.value.join(", ");
    return typeof one.value === "number" ? `${office.count(one.value)}${one.unit ? " " + one.unit : ""}` : String(one.value);
  };
  const source = one => (one.grade === "assumption" || !one.grade ? "an assumption" + (one.source ? ": " + one.source : "") : `${one.source || "no source"} (grade ${one.grade})`);

  office.gain.assume = answer => {
    const said = office.plant.assumed, told = said && said.run === answer.run ? said : null;
    const known = told ? told.assumptions : {}, names = (told && told.persons) || [];
    by("gain-controls").hidden = !told;
    const count = Object.keys(known).length;
    office.say(by("gain-assume-brief"), count ? `${count} assumptions, each with its source` : "");
    office.say(by("gain-assume-words"), told ? "A change holds for both plants from the next moment on (the twin hears no calls whatever is set), goes into the run's log, and opens a new segment: a gain belongs to what was assumed while it came about." :
      "This plant does not tell what is assumed of its people, so nothing can be changed here. They are set in simulator/people.toml.");
    G.keep("gain-controls", [known, names], box => {
      if (box.contains(document.activeElement) && document.activeElement.type === "number") { delete box.dataset.key; return; }
      box.replaceChildren(...CONTROLS.filter(([key]) => key in known).map(([key, words, unit, each]) => {
        const one = known[key];
        if (typeof one.value === "boolean") return onOff(key, words, one);
        return unit ? amount(key, words, unit, each, one) : persons(key, words, one, names);
      }));
    });
    const rows = Object.entries(known).map(([key, one]) => [key, [shown(one), "gain-said-value"], [one.words || "", "words"], [source(one), "words"]]);
    G.keep("gain-assume-table", rows, box => box.replaceChildren(...(rows.length ? [G.table("buckets cards gain-table gain-sources", ["assumption", "value", "what it says", "where it comes from"], rows, "Every assumption with its source")] : [])));
  };
})();
