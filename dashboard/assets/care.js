/* How a machine's state is known, learning it anew, and forgetting a device of one's own. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const by = id => document.getElementById(id);
  const make = (name, className, text) => office.element(name, className, text);
  const WORDS = {
    reported: "Its control reports every change of state, stamped to the millisecond.",
    sensed: "A threshold that its birth states tells running from stopped; power alone does not tell idle from down.",
    learned: "A threshold is learned from its own power, once, and then kept; it tells running from stopped and nothing more.",
  };
  const moment = ms => office.date(ms) + ", " + office.time(ms);
  let key = "";

  /* `care` is what the server says of it: {how, simulated, learned, versions}; `learning` what is still missing. */
  office.care = (machine, care, learning) => {
    const panel = by("machine-care");
    if (!panel || !care) return;
    const now = JSON.stringify([machine, { ...care, now_ms: 0 }, learning]);
    if (now === key && !panel.hidden && panel.children.length > 1) return;
    if (panel.contains(document.activeElement) && document.activeElement.tagName === "INPUT") return;
    key = now;
    panel.hidden = false;
    const shown = [panel.firstElementChild, make("p", "", WORDS[care.how] || care.how)];
    if (care.how === "learned") shown.push(...learned(machine, care, learning));
    if (!care.simulated) shown.push(forget(machine));
    panel.replaceChildren(...shown);
  };
  function learned(machine, care, learning) {
    const said = [];
    if (learning) said.push(make("p", "strong-words", learning[0].toUpperCase() + learning.slice(1) + "."));
    if (care.learned) {
      const { version, from_ms, to_ms, readings, threshold } = care.learned, list = make("dl", "care-facts");
      const fact = (word, text) => { const box = make("div"); box.append(make("dt", "", word), make("dd", "", text)); list.append(box); };
      fact("version", String(version));
      fact("in force since", moment(from_ms));
      fact("learned from", `${office.count(readings)} readings until ${moment(to_ms)}`);
      if (threshold) {
        fact("running", `${threshold.signal} at or above ${office.value(threshold.above)}`);
        fact("stopped", `at or below ${office.value(threshold.below)}; in between as before`);
      }
      said.push(list);
    }
    const form = make("form", "relearn"), label = make("label", "", "Learn again from"), field = make("input"), go = make("button", "button", "Learn again"), answer = make("p", "said");
    field.type = "datetime-local";
    field.step = "1";
    field.required = true;
    const since = care.now_ms - 8 * office.HOUR;
    field.value = new Date(since + office.zoneOffset(since)).toISOString().slice(0, 19);
    label.append(field);
    go.type = "submit";
    answer.setAttribute("role", "status");
    form.append(label, go, answer);
    form.addEventListener("submit", async event => {
      event.preventDefault();
      const local = Date.parse(field.value + "Z"), at = local - office.zoneOffset(local);
      go.disabled = true;
      office.say(answer, "Asking.");
      const result = await office.command({ what: "relearn", machine, since: new Date(at).toISOString() });
      go.disabled = false;
      office.say(answer, result.ok ? result.message === "done" ? "It learns again; what was concluded before stays." : result.message : "Not done: " + result.message);
    });
    said.push(form);
    return said;
  }
  function forget(machine) {
    const row = make("div", "forget"), button = make("button", "button", "Forget this machine"), answer = make("p", "said");
    button.type = "button";
    answer.setAttribute("role", "status");
    button.addEventListener("click", async () => {
      const sure = await office.confirm(`Forget ${machine}?`, "Its tile goes, and all that was measured of it with it. If it sends again it begins anew. This cannot be undone.", "Forget it");
      if (!sure) return;
      button.disabled = true;
      const result = await office.command({ what: "forget", machine });
      button.disabled = false;
      office.say(answer, result.ok ? "It is forgotten." : "Not done: " + result.message);
    });
    row.append(button, make("span", "label", "A device of one's own has no file to delete: this takes its place."), answer);
    return row;
  }
})();
