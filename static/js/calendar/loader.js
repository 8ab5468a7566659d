// Reads the window on the screen: one question at a time, a skeleton when the first answer takes long, and a sentence
// when none comes; then it asks again by itself, because nobody repeats the news that it missed.
import { Refused } from "../ask.js";
import { clearLine, sayLine } from "./line.js";
import { known, refresh } from "./store.js";

const SKELETON_MS = 200;
const AGAIN_MS = 15_000;
const skeleton = document.querySelector("[data-skeleton]");

// `span()` answers the window wanted now, `arrived(changedIds)` is told about every answer.
export function createLoader({ span, arrived }) {
  let running = null;
  let asked = {};
  let again = false;
  let repeating = null;

  // Somebody goes elsewhere: an answer on its way is wanted only if it is about the same window.
  function go() {
    const { from, to } = span();
    if (running && from === asked.from && to === asked.to) return;
    running?.abort();
    running = null;
    return load();
  }

  // Something changed: ask again, after the answer on its way if there is one.
  function renew() {
    if (running) again = true;
    else return load();
  }

  async function load() {
    const mine = (running = new AbortController());
    const wanted = (asked = span());
    clearTimeout(repeating);
    const timer = setTimeout(() => (skeleton.hidden = Boolean(known(wanted))), SKELETON_MS);
    try {
      const changed = await refresh(wanted, { signal: mine.signal });
      clearLine("load");
      if (mine === running) arrived(changed);
    } catch (error) {
      if (mine === running) complain(error);
    }
    clearTimeout(timer);
    if (mine !== running) return;
    skeleton.hidden = true;
    running = null;
    if (again) {
      again = false;
      load();
    }
  }

  function complain(error) {
    if (error instanceof Refused && error.status === 401) return;
    sayLine("load", error instanceof TypeError ? "offline" : "failed", { retry: go });
    repeating = setTimeout(renew, AGAIN_MS);
  }

  return { go, renew };
}
