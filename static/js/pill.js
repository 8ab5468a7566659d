// Keeps the sync pill of the top bar true: every minute while the page is seen, and whenever somebody asks.
import { ask } from "./ask.js";

const EVERY_MS = 60_000;
const TONES = ["good", "waiting", "attention", "stopped", "quiet"];
const pill = document.getElementById("sync-pill");

// Resolves to the status ({state, tone, words, progress}), or null when it cannot be had now.
export async function refreshPill() {
  if (!pill?.dataset.source) return null;
  const answer = await ask(pill.dataset.source).catch(() => null);
  if (answer) show(answer.data);
  return answer?.data ?? null;
}

function show({ tone, words }) {
  const text = pill.querySelector(".pill__words");
  if (text.textContent !== words) text.textContent = words;
  pill.classList.remove(...TONES.map((name) => `pill--${name}`));
  pill.classList.add(`pill--${tone}`);
}

if (pill) {
  setInterval(() => document.hidden || refreshPill(), EVERY_MS);
  document.addEventListener("visibilitychange", () => document.hidden || refreshPill());
}
