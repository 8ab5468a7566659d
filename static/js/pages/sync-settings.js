// Keeps the cards true while the page stays open: fetches the page again and exchanges the parts marked data-live
// that differ. A part in which somebody works (focus, an open menu, an open <details>) waits for the next time.
import { askFragment } from "../ask.js";
import { refreshPill } from "../pill.js";

const QUIET_MS = 30_000;
const BUSY_MS = 5_000;
const LEAST_MS = 1_000;
const root = document.querySelector("[data-sync-settings]");
let timer;
let last = 0;
let isAsking = false;
let again = false;

const isInUse = (part) => part.contains(document.activeElement) || part.querySelector("details[open]");

async function refresh() {
  last = Date.now();
  if (!document.hidden) {
    isAsking = true;
    const html = await askFragment(root.dataset.syncSettings).catch(() => "");
    if (html) settle(new DOMParser().parseFromString(html, "text/html"));
    isAsking = false;
  }
  if (again) soon();
  else plan(root.querySelector("[data-busy]") ? BUSY_MS : QUIET_MS);
}

function plan(delay) {
  clearTimeout(timer);
  timer = setTimeout(refresh, delay);
}

function settle(page) {
  for (const part of root.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (fresh && !isInUse(part) && withoutToken(fresh) !== withoutToken(part)) part.replaceWith(fresh);
  }
  for (const card of root.querySelectorAll("article")) {
    const fresh = page.querySelector(`[aria-labelledby="${card.getAttribute("aria-labelledby")}"]`);
    card.toggleAttribute("data-busy", fresh?.hasAttribute("data-busy") ?? false);
  }
  refreshPill();
}

// Every answer has another mask around the same token.
const withoutToken = (part) => part.outerHTML.replaceAll(/name="csrfmiddlewaretoken" value="\w+"/g, "");

// News during an answer on its way may be newer than that answer: it leads to one more question.
function soon() {
  again = isAsking;
  if (!isAsking) plan(Math.max(0, last + LEAST_MS - Date.now()));
}

if (root) {
  const stream = new EventSource(root.dataset.stream);
  // `hello` too: what happened before the stream was open, or while it was lost, was told to nobody.
  for (const event of ["hello", "status", "changed"]) stream.addEventListener(event, soon);
  window.addEventListener("pagehide", () => stream.close());
  document.addEventListener("visibilitychange", () => document.hidden || soon());
  plan(root.querySelector("[data-busy]") ? BUSY_MS : QUIET_MS);
}
