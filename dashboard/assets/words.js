/* Numbers and moments as people read them, and the sign of each state. Undefined is shown as a dash.
   Digits are grouped and divided as the browser's language has it, here and nowhere else; what the server
   writes, and what is typed or put into an address, stays plain. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const NONE = "–";
  const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const MEANING = {
    running: "in cycle",
    idle: "able to run, and not running",
    stopped: "not running; power alone does not tell idle from down",
    down: "not able to run",
    setup: "being prepared for another job",
    unknown: "no evidence",
  };
  const SIGNS = {
    running: "M5 3.2v9.6L13 8z",
    idle: "M4.6 3.5h2.4v9H4.6zM9 3.5h2.4v9H9z",
    stopped: "M4 4h8v8H4z",
    down: "M8 1.6 15.2 14H.8zM7.2 6v4h1.6V6zm0 5v1.6h1.6V11z",
    setup: "M13.6 4.4l-2.2 2.2-2-2 2.2-2.2a3.6 3.6 0 0 0-4.7 4.7L2.3 11.7a1.4 1.4 0 0 0 2 2l4.6-4.6a3.6 3.6 0 0 0 4.7-4.7z",
    unknown: "M4.9 6.1a3.1 3.1 0 1 1 4.6 2.7c-.6.4-.7.6-.7 1.300H7.200c0-1.500.4-2 1.400-2.700A1.500 1.500 0 1 0 6.500 6.100zM7.200 11.400h1.600V13H7.200z",
  };

  const decimals = new Map();
  /* A number with so many digits after the mark, or with up to `most` of them. */
  function decimal(number, digits, most = digits) {
    if (number === null || number === undefined) return NONE;
    const key = digits + "-" + most;
    if (!decimals.has(key)) decimals.set(key, made({ minimumFractionDigits: digits, maximumFractionDigits: most, numberingSystem: "latn" }));
    return decimals.get(key).format(number);
  }
  function made(options) {
    try { return new Intl.NumberFormat(navigator.language, options); }
    catch (error) { return new Intl.NumberFormat("en-GB", options); }
  }

  function duration(ms) {
    if (ms === null || ms === undefined) return NONE;
    if (ms < MINUTE) return Math.floor(ms / SECOND) + " s";
    if (ms < HOUR) return Math.floor(ms / MINUTE) + " min";
    if (ms < DAY) return Math.floor(ms / HOUR) + " h " + Math.floor((ms % HOUR) / MINUTE) + " min";
    return Math.floor(ms / DAY) + " d " + Math.floor((ms % DAY) / HOUR) + " h";
  }
  /* Time of machines is said in hours: two days of thirteen machines are no days. */
  const machineTime = ms => (ms === null || ms === undefined || ms < DAY ? duration(ms) : `${count(Math.floor(ms / HOUR))} h ${Math.floor((ms % HOUR) / MINUTE)} min`);
  /* A number stays on the line of its unit, and a length of time in one piece. */
  const unbroken = text => text.replace(/(\d) (h|min|s|ms|%|pts)(?![\w])(?: (?=\d+(?:[.,]\d+)? (?:min|s)\b))?/g, (all, digit, unit) => `${digit}\u00a0${unit}${all.endsWith(" ") ? "\u00a0" : ""}`);
  function exactly(ms) {
    const parts = [[Math.floor(ms / HOUR), "h"], [Math.floor((ms % HOUR) / MINUTE), "min"], [(ms % MINUTE) / SECOND, "s"]];
    const said = parts.filter(([value]) => value > 0).map(([value, unit]) =>
      (unit === "s" ? decimal(value, 0, 3) : value) + "\u00a0" + unit);
    return said.length ? said.join("\u00a0") : "0\u00a0s";
  }
  const seconds = ms => exactly(Math.floor(ms / SECOND) * SECOND);
  const hours = ms => ms >= DAY * 10 ? duration(ms) :
    Math.floor(ms / HOUR) + ":" + String(Math.floor((ms % HOUR) / MINUTE)).padStart(2, "0");
  const percent = share => share === null || share === undefined ? NONE : decimal(share * 100, 1) + " %";
  const whole = share => Math.round(share * 100);
  /* Nothing observed is a dash; observed and yet not to be told is a range. */
  function shareOrBounds(share, low, high, observed) {
    if (!observed) return NONE;
    if (share !== null && share !== undefined) return percent(share);
    if (low === null || low === undefined || high === null || high === undefined) return NONE;
    return whole(low) === whole(high) ? whole(low) + " %" : whole(low) + "–" + whole(high) + " %";
  }
  const count = number => decimal(number, 0, 3);
  function value(number) {
    if (number === null || number === undefined) return NONE;
    const size = Math.abs(number);
    return decimal(number, size >= 100 ? 0 : size >= 10 ? 1 : 2);
  }

  const formats = new Map();
  function format(zone, options) {
    const key = zone + JSON.stringify(options);
    if (!formats.has(key)) {
      let made;
      try { made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone || "UTC" }); }
      catch (error) { made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }); }
      formats.set(key, made);
    }
    return formats.get(key);
  }
  const zone = () => (office.plant && office.plant.board ? office.plant.board.zone : "UTC");
  const clock = ms => format(zone(), { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
  const time = ms => format(zone(), { hour: "2-digit", minute: "2-digit" }).format(ms);
  const date = ms => format(zone(), { weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(ms);

  const SVG = "http://www.w3.org/2000/svg";
  function svg(name, attributes) {
    const node = document.createElementNS(SVG, name);
    for (const [key, said] of Object.entries(attributes || {})) node.setAttribute(key, said);
    return node;
  }
  function sign(state) {
    const node = svg("svg", { viewBox: "0 0 16 16", class: "sign", "aria-hidden": "true" });
    node.append(svg("path", { d: SIGNS[state] || SIGNS.unknown, "fill-rule": "evenodd" }));
    return node;
  }
  function element(name, className, text) {
    const node = document.createElement(name);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }
  /* Writing only what differs keeps the reader's selection and spares the browser. */
  function say(node, text) { if (node && node.textContent !== text) node.textContent = text; }
  function hint(node, text) { if (node && node.title !== text) node.title = text; }

  const utilizationHint = n => n.observed_ms
    ? `running ${machineTime(n.running_ms)} of ${machineTime(n.observed_ms)} observed` : "nothing observed";
  function uptimeHint(n) {
    if (!n.observed_ms) return "nothing observed";
    const up = `running or idle ${machineTime(n.running_ms + n.idle_ms)} of ${machineTime(n.observed_ms)} observed`;
    return n.stopped_ms ? up + `; ${machineTime(n.stopped_ms)} stopped, of which nothing tells whether up or down` : up;
  }
  const coverageHint = n => `observed ${machineTime(n.observed_ms)} of ${machineTime(n.planned_ms)} planned`;

  Object.assign(office, {
    NONE, MEANING, MINUTE, HOUR, decimal, duration, machineTime, unbroken, exactly, seconds, hours, percent, shareOrBounds, count, value, clock, time, date, svg,
    sign, element, say, hint, utilizationHint, uptimeHint, coverageHint,
  });
})();
