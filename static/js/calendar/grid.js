// Day, work week, week and month: FullCalendar, fed from our store.
import { Calendar } from "fullcalendar";
import dayGrid from "fullcalendar/daygrid";
import timeGrid from "fullcalendar/timegrid";
import english from "fullcalendar/locales/en-gb";
import dutch from "fullcalendar/locales/nl";
import { chipClasses, chipContent, element } from "./chip.js";
import { minutesOf, today } from "./dates.js";
import { HABITS, LOOKS } from "./looks.js";
import { colourOf, say, settings } from "./settings.js";
import { VIEWS } from "./views.js";
import { dayWords, timeRange, timeWords, weekdayAndDay, weekdayWords } from "./wording.js";

const DAY_STARTS = 8 * 60;
const ALL_DAY_ROWS = 3;

// `events()` answers what is to be drawn, `settling()` the ids that just changed.
export function createGrid(root, { events, settling, isOpen, open, goToDay }) {
  const calendar = new Calendar(root, {
    ...HABITS,
    ...LOOKS,
    plugins: [dayGrid, timeGrid],
    locales: [english, dutch],
    locale: settings.language.startsWith("nl") ? "nl" : "en-gb",
    initialView: "timeGridWeek",
    views: {
      timeGrid: {
        dayMaxEvents: ALL_DAY_ROWS,
        dayHeaderFormat: { weekday: "short", day: "numeric" },
        dayHeaderContent: dayHead,
      },
      timeGridDay: { dayMaxEvents: false },
      workWeek: { type: "timeGridWeek", weekends: false, firstDay: 1 },
      dayGrid: {
        dayMaxEvents: true,
        dayHeaderContent: ({ dow }) => weekdayWords(dow),
      },
    },
    events: (_span, resolve) => resolve(events().map(asInput)),
    eventClass: ({ event }) => chipClasses(event.extendedProps.item, { settling: settling().has(event.id) }),
    eventContent: content,
    // Its label hides what is in it from speech; the link and the appointments in it say the day themselves.
    dayCellDidMount: ({ el }) => el.removeAttribute("aria-label"),
    eventDidMount: ({ el, event }) => mark(el, event.id, isOpen(event.id)),
    eventClick: ({ el, event, jsEvent }) => {
      jsEvent.preventDefault();
      open(event.extendedProps.item, el.closest("[data-chip]"));
    },
    navLinkHint: (_words, date) => say("show_day", weekdayAndDay(date)),
    navLinkDayClick: (_date, { target }) => goToDay(target.closest("[data-date]").dataset.date),
    moreLinkClick: ({ date }) => goToDay(calendar.formatIso(date, true)),
  });
  let isDrawn = false;
  return {
    show(view, day) {
      if (isDrawn) calendar.changeView(VIEWS[view].grid, day);
      else {
        calendar.setOption("initialDate", day);
        calendar.changeView(VIEWS[view].grid, day);
        calendar.render();
        isDrawn = true;
      }
    },
    draw: () => calendar.refetchEvents(),
    scrollTo: (minutes) => calendar.scrollToTime({ minutes }),
  };
}

const asInput = (item) => ({
  id: item.id,
  title: item.title,
  start: item.start,
  end: item.end,
  allDay: item.all_day,
  color: colourOf(item),
  item,
});

function content({ event, view, isShort, isStart }) {
  const { item } = event.extendedProps;
  const inMonth = view.type === "dayGridMonth";
  const whole = item.all_day ? "" : timeRange(item);
  const time = inMonth && !item.all_day && isStart ? timeWords(item.start) : whole;
  return {
    domNodes: chipContent(item, isShort ? timeShort(item) : time, { spokenDay: dayWords(item.first) }),
  };
}

const timeShort = (item) => (item.all_day ? "" : timeWords(item.start));

function dayHead({ weekdayText, dayNumberText }) {
  const number = element("span", "grid__day-number", dayNumberText);
  return { domNodes: [element("span", "grid__weekday", weekdayText), document.createTextNode(" "), number] };
}

function mark(el, id, isOpen) {
  el.dataset.chip = id;
  el.classList.toggle("chip-event--open", isOpen);
}

// Where a day's grid should be scrolled, in minutes from midnight: an hour before the first meeting, yet so that now
// is seen when today is on the screen. `visible` is how many minutes fit on the screen.
export function scrollTarget(events, [from, to], visible) {
  const timed = events.filter((event) => !event.all_day && event.first >= from && event.first < to);
  const starts = timed.map((event) => minutesOf(new Date(event.start), settings.zone));
  const target = Math.max(0, Math.min(DAY_STARTS + 60, ...starts) - 60);
  const now = minutesOf(new Date(), settings.zone);
  const day = today(settings.zone);
  const nowIsSeen = day < from || day >= to || (now >= target && now < target + visible - 60);
  return nowIsSeen ? target : Math.max(0, now - 60);
}
