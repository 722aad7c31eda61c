/* Signing in as operator, where commands need that: asked for when something is commanded, and not before. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const KEPT = "operator";
  /* Whether this browser has signed in is kept beside the cookie, which no script may read: for the button alone. */
  const remember = yes => { try { yes ? localStorage.setItem(KEPT, "yes") : localStorage.removeItem(KEPT); } catch (error) { void error; } show(); };
  const remembered = () => { try { return localStorage.getItem(KEPT) === "yes"; } catch (error) { return false; } };
  const show = () => { const button = document.getElementById("sign-out"); if (button) button.hidden = !remembered(); };
  const session = (method, body) => fetch("/api/session", {
    method, cache: "no-store", ...(body ? { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {}),
  });
  let asking = null;
  /* Resolves to true once the password was right, to false when the person gives up. One dialog however many ask. */
  office.signIn = () => {
    asking = asking || ask().finally(() => { asking = null; });
    return asking;
  };
  const ask = () => new Promise(resolve => {
    remember(false);
    const { box, body } = office.dialog("Sign in to command", "asking");
    const form = office.element("form", "sign-in"), label = office.element("label", "", "Operator's password"), input = document.createElement("input");
    const said = office.element("p", "said"), go = office.element("button", "button strong", "Sign in"), row = office.element("div", "buttons");
    input.type = "password";
    input.id = "operator-password";
    input.autocomplete = "current-password";
    input.required = true;
    label.htmlFor = input.id;
    said.setAttribute("role", "status");
    go.type = "submit";
    row.append(go);
    form.append(label, input, said, row);
    let right = false;
    form.addEventListener("submit", async event => {
      event.preventDefault();
      go.disabled = true;
      try {
        const answer = await session("POST", { password: input.value }), told = await answer.json().catch(() => ({}));
        right = answer.ok;
        if (right) { remember(true); box.close(); return; }
        office.said(said, { ok: false, message: told.error || `refused (${answer.status})` }, "");
      } catch (error) {
        office.said(said, { ok: false, message: "the dashboard does not answer" }, "");
      }
      go.disabled = false;
      input.select();
      input.focus();
    });
    box.addEventListener("close", () => resolve(right));
    body.append(office.element("p", "", "Others reach this page too, so whoever commands says the operator's password first."), form);
    input.focus();
  });
  document.addEventListener("click", async event => {
    const button = event.target.closest ? event.target.closest("#sign-out") : null;
    if (!button) return;
    try { if (!(await session("DELETE")).ok) return; } catch (error) { return; }
    remember(false);
  });
  /* The foot comes with the layout, which Dash draws later. */
  const waits = new MutationObserver(() => { if (document.getElementById("sign-out")) { waits.disconnect(); show(); } });
  waits.observe(document.documentElement, { childList: true, subtree: true });
})();
