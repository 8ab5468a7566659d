// The five ways to look: which days each covers, how far one step goes, what the grid calls it.
import { addDays, addMonths, monthStart, weekday, weekStart } from "./dates.js";
import { settings } from "./settings.js";

const AGENDA_DAYS = 14;
const first = settings.first_weekday;
const week = (day) => [weekStart(day, first), addDays(weekStart(day, first), 7)];
const monday = (day) => weekStart(day, 1);
const byDays = (count) => (day, direction) => addDays(day, count * direction);

// `span` answers [first day, day after the last]; `step` the day to look at one step on (1) or back (-1).
export const VIEWS = {
  day: { grid: "timeGridDay", span: (day) => [day, addDays(day, 1)], step: byDays(1) },
  workweek: { grid: "workWeek", span: (day) => [monday(day), addDays(monday(day), 5)], step: byDays(7) },
  week: { grid: "timeGridWeek", span: week, step: byDays(7) },
  month: {
    grid: "dayGridMonth",
    span: (day) => [monthStart(day), addMonths(monthStart(day), 1)],
    step: (day, direction) => addMonths(monthStart(day), direction),
  },
  agenda: { grid: null, span: (day) => [day, addDays(day, AGENDA_DAYS)], step: byDays(AGENDA_DAYS) },
};

// The six weeks a small month shows.
export function miniSpan(day) {
  const start = weekStart(monthStart(day), first);
  return [start, addDays(start, 42)];
}

// Everything the page needs at once for this view of this day: the view itself and the small month beside it.
export function windowOf(view, day) {
  const [from, to] = VIEWS[view].span(day);
  const [miniFrom, miniTo] = miniSpan(day);
  return { from: from < miniFrom ? from : miniFrom, to: to > miniTo ? to : miniTo };
}

export const weekdays = () => Array.from({ length: 7 }, (_, index) => (first + index) % 7);
export const isWeekend = (day) => [0, 6].includes(weekday(day));
