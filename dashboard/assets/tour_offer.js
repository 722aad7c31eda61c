/* Offers the tour to who is here for the first time: one line above the frame, in the flow of the page so that
   nothing lies under it, and never again. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const KEY = "tour-offered", make = (name, className, text) => office.element(name, className, text);
  const known = () => { try { return localStorage.getItem(KEY) !== null; } catch (error) { return true; } };
  let line = null;

  function done() {
    try { localStorage.setItem(KEY, "yes"); } catch (error) { /* a browser that keeps nothing is offered nothing */ }
    if (line) line.remove();
    line = null;
  }
  async function offer() {
    if (known() || line || location.pathname !== "/") return;
    let file;
    try { file = await office.tour.file(); } catch (error) { return; }
    if (line) return;
    line = make("section", "tour-offer");
    line.setAttribute("aria-label", "New here?");
    const words = make("p", "", `New here? A guided tour shows in ${file.minutes} minutes what all this is good for.`);
    const yes = make("button", "button strong", "Take the tour"), no = make("button", "button", "No, thanks");
    yes.type = no.type = "button";
    yes.addEventListener("click", () => { done(); office.tour.open(); });
    no.addEventListener("click", () => { done(); document.getElementById("tour").focus(); });
    line.append(words, yes, no);
    document.body.prepend(line);
    try { localStorage.setItem(KEY, "yes"); } catch (error) { /* it is offered again */ }
  }
  office.tourOffer = { offer, done };
})();
