// Days and times in the reader's words. Days have no zone; times are those of the page's zone.
import { asDate, dayOf, isoWeek, today, addDays } from "./dates.js";
import { say, settings } from "./settings.js";
import { VIEWS } from "./views.js";

const { language, twelve_hours: hour12, zone } = settings;
const format = (options) => new Intl.DateTimeFormat(language, options);
const ofDays = (options) => format({ ...options, timeZone: "UTC" });

const month = ofDays({ month: "long", year: "numeric" });
const date = ofDays({ day: "numeric", month: "long", year: "numeric" });
const dateBriefly = ofDays({ day: "numeric", month: "short", year: "numeric" });
const weekdayAndDate = ofDays({ weekday: "long", day: "numeric", month: "long" });
const fullDate = ofDays({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const shortDate = ofDays({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const narrow = ofDays({ weekday: "short" });
const clock = format({ timeZone: zone, hour: hour12 ? "numeric" : "2-digit", minute: "2-digit", hour12 });

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);

export const monthWords = (day) => capital(month.format(asDate(day)));
export const dayWords = (day) => capital(fullDate.format(asDate(day)));
export const shortDay = (day) => capital(shortDate.format(asDate(day)));
export const timeWords = (instant) => clock.format(new Date(instant));

// A short weekday: 2026-11-22 was a Sunday (0).
export const weekdayWords = (number) => narrow.format(asDate(addDays("2026-11-22", number)));

// What the head of a day shows, and the rest of its date: "Mon 23 November 2026".
export function weekdayAndDay(instant) {
  const day = dayOf(instant, zone);
  return `${narrow.format(asDate(day))} ${date.format(asDate(day))}`;
}

// The period on the screen: {main, extra}; extra is the number of the week. Brief where room is scarce.
export function periodWords(view, day, { briefly = false } = {}) {
  const [from, to] = VIEWS[view].span(day);
  if (view === "month") return { main: monthWords(day), extra: "" };
  if (view === "day")
    return { main: briefly ? shortDay(day) : dayWords(day), extra: say("week", isoWeek(day)) };
  const main = (briefly ? dateBriefly : date).formatRange(asDate(from), asDate(addDays(to, -1)));
  return { main, extra: view === "agenda" ? "" : say("week", isoWeek(addDays(from, 3))) };
}

// Heading of a day in the agenda: {main: "Today", extra: "Monday 23 November"}.
export function headingWords(day) {
  const now = today(zone);
  const near = { [now]: "today", [addDays(now, 1)]: "tomorrow", [addDays(now, -1)]: "yesterday" }[day];
  const sameYear = day.slice(0, 4) === now.slice(0, 4);
  const words = capital((sameYear ? weekdayAndDate : fullDate).format(asDate(day)));
  return near ? { main: say(near), extra: words } : { main: words, extra: "" };
}

// When an event is, on one of its days: "09:00 – 10:00", "from 16:00", "all day".
export function timesOn(event, day) {
  if (event.all_day) return say("all_day");
  const startsHere = dayOf(new Date(event.start), zone) === day;
  const endsHere = event.last === day;
  if (startsHere && endsHere) return timeRange(event);
  if (startsHere) return say("from", timeWords(event.start));
  return endsHere ? say("until", timeWords(event.end)) : say("all_day");
}

export function timeRange(event) {
  const start = timeWords(event.start);
  return event.start === event.end ? start : `${start} – ${timeWords(event.end)}`;
}
