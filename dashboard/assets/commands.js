/* What a person asks of the plant or the office: one POST, answered in a sentence. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const PATIENCE_MS = 15000;
  const post = command => fetch("/api/commands", {
    method: "POST", cache: "no-store", headers: { "Content-Type": "application/json" }, body: JSON.stringify(command),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  /* Resolves to {ok, message} whatever happens: a refusal is an answer too. */
  office.command = async command => {
    try {
      let answer = await post(command);
      if (answer.status === 401 && (await office.signIn())) answer = await post(command);
      const said = await answer.json().catch(() => ({}));
      if (answer.ok) return { ...said, ok: said.ok !== false, message: said.message || "done" };
      return { ok: false, message: said.error || said.message || `refused (${answer.status})` };
    } catch (error) {
      return { ok: false, message: "the dashboard does not answer; nothing tells whether it was done" };
    }
  };
  /* Writes the answer to a command near its control; `done` is said where the answer has no words of its own. */
  office.said = (node, result, done) => {
    const words = result.ok ? (result.message === "done" ? done : result.message) : "Not done: " + result.message;
    node.classList.toggle("refused", !result.ok);
    office.say(node, words && !/[.!?]$/.test(words) ? words + "." : words);
  };
  /* One dialog at a time. It closes by Escape, by its button and by a click beside it, and focus goes back
     to what opened it, or to what has taken its place. */
  let dialogs = 0;
  office.dialog = (title, className) => {
    const opener = document.activeElement, key = opener && opener.dataset ? opener.dataset.explain : null;
    const box = office.element("dialog", "dialog " + (className || "")), head = office.element("div", "dialog-head");
    const name = office.element("h2", "", title), close = office.element("button", "button", "Close");
    name.id = "dialog-title-" + ++dialogs;
    box.setAttribute("aria-labelledby", name.id);
    close.type = "button";
    close.addEventListener("click", () => box.close());
    head.append(name, close);
    const body = office.element("div", "dialog-body");
    box.append(head, body);
    box.addEventListener("click", event => { if (event.target === box) box.close(); });
    box.addEventListener("close", () => {
      box.remove();
      const back = opener && opener.isConnected ? opener : key && document.querySelector(`[data-explain="${CSS.escape(key)}"]`);
      if (back) back.focus();
    });
    document.body.append(box);
    box.showModal();
    return { box, body };
  };
  /* Asks again before what cannot be undone; true when the person goes on. */
  office.confirm = (title, text, yes) => new Promise(resolve => {
    const { box, body } = office.dialog(title, "asking");
    const go = office.element("button", "button strong", yes);
    go.type = "button";
    let sure = false;
    go.addEventListener("click", () => { sure = true; box.close(); });
    box.addEventListener("close", () => resolve(sure));
    const row = office.element("div", "buttons");
    row.append(go);
    body.append(office.element("p", "", text), row);
  });
})();
