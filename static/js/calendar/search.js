// Finding events by words, in a dialog; arrows walk the results, Enter goes there.
import { ask } from "../ask.js";
import { element, titleOf } from "./chip.js";
import { addDays, dayOf, today } from "./dates.js";
import { calendarName, colourOf, say, settings } from "./settings.js";
import { known, refresh } from "./store.js";
import { shortDay, timeWords } from "./wording.js";

const WAIT_MS = 200;
const LOOK_AHEAD_DAYS = 60;
const dialog = document.querySelector("[data-search]");
const input = dialog.querySelector("[data-search-words]");
const said = dialog.querySelector("[data-search-said]");
const list = dialog.querySelector("[data-search-found]");
let timer = null;
let running = null;

// `show(item, day)` opens an event on its day.
export function createSearch(show) {
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, WAIT_MS);
  });
  dialog.addEventListener("keydown", walk);
  dialog.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("button")?.click();
  });
  list.addEventListener("click", async ({ target }) => {
    const found = target.closest("button")?.event;
    if (!found) return;
    dialog.close();
    const item = await placeOf(found);
    show(item, item.first);
  });
}

export function openSearch() {
  if (!dialog.open) dialog.showModal();
  input.select();
}

async function find() {
  running?.abort();
  running = new AbortController();
  const words = input.value.trim();
  if (!words) return answer([], say("search_hint"));
  try {
    const query = new URLSearchParams({ q: words });
    const { data } = await ask(`${settings.urls.search}?${query}`, { signal: running.signal });
    answer(data, data.length ? "" : say("search_nothing", words));
  } catch (error) {
    if (error.name !== "AbortError") answer([], say("search_failed"));
  }
}

function answer(events, words) {
  said.textContent = words;
  list.replaceChildren(...events.map(row));
}

const firstDay = (event) => (event.all_day ? event.start : dayOf(new Date(event.start), settings.zone));

function row(event) {
  const time = event.all_day ? "" : ` ${timeWords(event.start)}`;
  const date = shortDay(firstDay(event));
  const when = event.kind === "master" ? say("series_since", date) : date + time;
  const details = [when, event.location || calendarName(event.calendar)].filter(Boolean).join(" · ");
  const button = element("button", "search__hit");
  button.append(element("strong", "", titleOf(event)), element("span", "muted small", details));
  button.type = "button";
  button.event = event;
  button.style.setProperty("--swatch", colourOf(event));
  return element("li", "", button);
}

// A series is shown at its next occurrence, everything else where it is.
async function placeOf(found) {
  const itself = { id: String(found.id), event: found.id, original_start: "", first: firstDay(found) };
  if (found.kind !== "master") return itself;
  const from = today(settings.zone);
  const span = { from, to: addDays(from, LOOK_AHEAD_DAYS) };
  await refresh(span).catch(() => null);
  return (known(span) ?? []).find((item) => item.event === found.id && item.last >= from) ?? itself;
}

function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const stops = [input, ...list.querySelectorAll("button")];
  const at = stops.indexOf(document.activeElement);
  stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus();
}
