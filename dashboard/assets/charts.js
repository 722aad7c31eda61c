/* Where Dash finds plotly.js once a page has a chart of it: the bundle beside this file, a third of Dash's own.
   No other page loads any. */
"use strict";
(() => {
  const bundle = new URL("plotly-cartesian.min.js", document.currentScript.src).href;
  Object.defineProperty(window, "_dashPlotlyJSURL", { get: () => bundle, set: () => undefined });
})();
