/* A machine's TOML text, read and changed line by line, so that what somebody wrote by hand stays as it is.
   It knows the keys above the first table alone, dotted ones too; whether the text is right, the plant says. */
"use strict";
(() => {
  const office = (window.office = window.office || {});
  const escaped = key => key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const line = key => new RegExp(`^(\\s*${escaped(key)}\\s*=\\s*)("(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^#]*?)(\\s*#.*)?$`);
  const top = lines => { const first = lines.findIndex(one => /^\s*\[/.test(one)); return first < 0 ? lines.length : first; };

  function find(lines, key) {
    const form = line(key), end = top(lines);
    for (let i = 0; i < end; i++) { const found = form.exec(lines[i]); if (found) return { i, found }; }
    return null;
  }
  office.toml = {
    /* What stands under a key, as text without its quotes; null where it does not stand. */
    get(text, key) {
      const at = find(text.split("\n"), key);
      if (!at) return null;
      const said = at.found[2].trim();
      if (said.startsWith('"')) { try { return JSON.parse(said); } catch (error) { return said.slice(1, -1); } }
      return said.startsWith("'") ? said.slice(1, -1) : said;
    },
    /* The text with another value under a key; null takes the line away. */
    set(text, key, literal) {
      const lines = text.split("\n"), at = find(lines, key);
      if (at && literal === null) lines.splice(at.i, 1);
      else if (at) lines[at.i] = at.found[1] + literal + (at.found[3] || "");
      else if (literal !== null) {
        let end = top(lines);
        while (end > 0 && !lines[end - 1].trim()) end--;
        lines.splice(end, 0, `${key} = ${literal}`);
      }
      const changed = lines.join("\n");
      return changed && !changed.endsWith("\n") ? changed + "\n" : changed;
    },
    quoted: words => JSON.stringify(words),
    /* The number of the line that a sentence speaks of, from 1; 0 where it speaks of none. */
    lineOf(text, sentence, key) {
      const said = /at line (\d+)/.exec(sentence);
      if (said) return Number(said[1]);
      if (!key) return 0;
      const lines = text.split("\n"), name = key.split(".").pop(), table = key.slice(0, -name.length - 1);
      const at = find(lines, key);
      if (at) return at.i + 1;
      let within = "";
      for (let i = 0; i < lines.length; i++) {
        const head = /^\s*\[([^\]]+)\]/.exec(lines[i]);
        if (head) { within = head[1].trim(); if (within === key) return i + 1; }
        else if (within === table && line(name).test(lines[i])) return i + 1;
      }
      return 0;
    },
  };
})();
