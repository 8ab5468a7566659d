// The appointments this page has read, by window. Showing one again is instant; asking whether it is still true costs
// a 304 while nothing changed.
import { ask } from "../ask.js";
import { addDays, dayOf } from "./dates.js";
import { settings } from "./settings.js";

const MOST_WINDOWS = 24;
const windows = new Map();
let questions = 0;
const keyOf = ({ from, to }) => `${from}/${to}`;

// What was read of this window, or null.
export const known = (span) => windows.get(keyOf(span))?.events ?? null;

// Reads the window again. Resolves to the ids of events that are new or different; throws as `ask` does.
export async function refresh(span, { signal } = {}) {
  const key = keyOf(span);
  const before = windows.get(key);
  const number = ++questions;
  const { data, etag } = await ask(addressOf(span), { etag: before?.etag, signal });
  if (!data || windows.get(key)?.number > number) return new Set(); // unchanged, or overtaken by a newer answer
  const events = data.events.map(withDays);
  windows.delete(key);
  windows.set(key, { etag, events, number });
  if (windows.size > MOST_WINDOWS) windows.delete(windows.keys().next().value);
  return before ? differences(before.events, events) : new Set();
}

// Days of the page's zone become instants generously: a day more on both sides covers every zone on Earth.
function addressOf({ from, to }) {
  const query = new URLSearchParams({
    from: `${addDays(from, -1)}T00:00:00Z`,
    to: `${addDays(to, 1)}T00:00:00Z`,
  });
  return `${settings.urls.range}?${query}`;
}

// Adds the first and the last day an event touches.
function withDays(event) {
  if (event.all_day) return { ...event, first: event.start, last: addDays(event.end, -1) };
  const first = dayOf(new Date(event.start), settings.zone);
  const last = dayOf(new Date(Math.max(Date.parse(event.start), Date.parse(event.end) - 1)), settings.zone);
  return { ...event, first, last };
}

function differences(before, after) {
  const old = new Map(before.map((event) => [event.id, JSON.stringify(event)]));
  return new Set(after.filter((event) => old.get(event.id) !== JSON.stringify(event)).map(({ id }) => id));
}
