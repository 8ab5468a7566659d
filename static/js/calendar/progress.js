// The first import: a slim bar above the calendar that is usable meanwhile. It goes when all is there.
import { refreshPill } from "../pill.js";

const EVERY_MS = 4_000;
const bar = document.querySelector("[data-import]");
let timer = null;
let isAsking = false;
let again = false;

export const isImporting = () => !bar.hidden;

// Asks how it stands; news during an answer on its way lead to one more question, not to a heap of them.
export async function refreshProgress() {
  if (isAsking) {
    again = true;
    return;
  }
  isAsking = true;
  const status = await refreshPill();
  isAsking = false;
  if (status) show(status);
  else if (isImporting()) askLater(); // no answer this time
  if (again) {
    again = false;
    refreshProgress();
  }
}

function show({ progress, words }) {
  bar.hidden = !progress;
  if (progress) {
    bar.querySelector("[data-import-words]").textContent = words;
    bar.querySelector("[data-import-bar]").value = progress.share;
  }
  clearTimeout(timer);
  if (progress) askLater();
}

function askLater() {
  clearTimeout(timer);
  timer = setTimeout(refreshProgress, EVERY_MS);
}

if (!bar.hidden) refreshProgress();
