// FullCalendar draws no line by itself: these are the class names of its parts, and calendar.css is its whole theme.
import { say, settings } from "./settings.js";

const states = (base) => (part) =>
  [
    base,
    part.isToday && `${base}--today`,
    part.isOther && `${base}--other`,
    part.isPast && `${base}--past`,
    [0, 6].includes(part.dow) && `${base}--weekend`,
  ]
    .filter(Boolean)
    .join(" ");

const clock = { hour: "2-digit", minute: "2-digit", hour12: settings.twelve_hours, meridiem: "short" };

export const LOOKS = {
  className: "grid",
  viewClass: "grid__view",
  tableHeaderClass: "grid__head",
  dayHeaderAlign: "center",
  dayHeaderRowClass: "grid__head-row",
  dayHeaderClass: states("grid__day-head"),
  dayHeaderInnerClass: "grid__day-name",
  dayHeaderDividerClass: "grid__divider",
  dayRowClass: "grid__row",
  dayCellClass: states("grid__cell"),
  dayCellTopClass: "grid__cell-top",
  dayCellTopInnerClass: "grid__number",
  dayCellInnerClass: "grid__cell-inner",
  dayCellBottomClass: "grid__cell-bottom",
  dayLaneClass: states("grid__lane"),
  dayLaneInnerClass: "grid__lane-inner",
  slotLaneClass: ({ isMinor }) => (isMinor ? "grid__slot grid__slot--minor" : "grid__slot"),
  slotHeaderClass: "grid__hour",
  slotHeaderInnerClass: "grid__hour-words",
  slotHeaderDividerClass: "grid__hours-edge",
  allDayHeaderClass: "grid__all-day",
  allDayHeaderInnerClass: "grid__hour-words",
  allDayDividerClass: "grid__all-day-edge",
  nonBusinessHoursClass: "grid__off-hours",
  nowIndicatorLineClass: "grid__now",
  nowIndicatorDotClass: "grid__now-dot",
  nowIndicatorHeaderClass: "grid__now-hour",
  navLinkClass: "grid__link",
  fillerClass: "grid__filler",
  moreLinkClass: "grid__more",
  eventInnerClass: "chip-event__inner",
  rowEventClass: ({ isStart, isEnd }) =>
    `chip-event--row${isStart ? "" : " chip-event--continued"}${isEnd ? "" : " chip-event--continues"}`,
  columnEventClass: ({ isShort, isNarrow }) =>
    `chip-event--column${isShort ? " chip-event--short" : ""}${isNarrow ? " chip-event--narrow" : ""}`,
};

export const HABITS = {
  headerToolbar: false,
  height: "100%",
  borderless: true,
  timeZone: settings.zone,
  firstDay: settings.first_weekday,
  nowIndicator: true,
  expandRows: true,
  navLinks: true,
  fixedWeekCount: false,
  slotEventOverlap: false,
  slotDuration: "00:30",
  slotHeaderInterval: "01:00",
  slotMinHeight: 25,
  scrollTimeReset: false,
  eventDisplay: "block",
  eventInteractive: true,
  eventMinHeight: 22,
  eventShortHeight: 40,
  eventOrder: "start,-duration,title",
  businessHours: { daysOfWeek: [1, 2, 3, 4, 5], startTime: "08:00", endTime: "18:00" },
  eventTimeFormat: clock,
  slotHeaderFormat: settings.twelve_hours ? { hour: "numeric", meridiem: "short" } : clock,
  allDayText: say("all_day"),
  timedText: say("timed"),
  eventsHint: say("events"),
  moreLinkText: (count) => `+${count}`,
  moreLinkHint: (count) => say("more", count),
};
