// Days as "2026-11-23", without zone or time. Instants become days only through `dayOf`.
const DAY_MS = 86_400_000;

const at = (day) => Date.parse(`${day}T00:00:00Z`);
const dayAt = (milliseconds) => new Date(milliseconds).toISOString().slice(0, 10);

export const asDate = (day) => new Date(at(day));
export const addDays = (day, count) => dayAt(at(day) + count * DAY_MS);
export const daysBetween = (first, last) => Math.round((at(last) - at(first)) / DAY_MS);
export const weekday = (day) => asDate(day).getUTCDay();
export const monthStart = (day) => `${day.slice(0, 7)}-01`;
export const weekStart = (day, first) => addDays(day, -((weekday(day) - first + 7) % 7));

// The same day of another month, or its last one where the month is shorter.
export function addMonths(day, count) {
  const [year, month, date] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + count, 0)).getUTCDate();
  return dayAt(Date.UTC(year, month - 1 + count, Math.min(date, last)));
}

// Number of the ISO week (Monday to Sunday, week 1 has 4 January).
export function isoWeek(day) {
  const thursday = addDays(weekStart(day, 1), 3);
  return 1 + Math.floor(daysBetween(`${thursday.slice(0, 4)}-01-01`, thursday) / 7);
}

const formats = new Map();

// Which day an instant is on the wall of `zone`. Swedish writes dates as ISO does.
export function dayOf(instant, zone) {
  if (!formats.has(zone)) formats.set(zone, new Intl.DateTimeFormat("sv-SE", { timeZone: zone }));
  return formats.get(zone).format(instant);
}

export const today = (zone) => dayOf(new Date(), zone);

// Minutes since midnight of an instant on the wall of `zone`.
export function minutesOf(instant, zone) {
  const parts = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  const [hours, minutes] = parts.format(instant).split(":").map(Number);
  return hours * 60 + minutes;
}
