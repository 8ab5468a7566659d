// The small month: dots on busy days; one day is in the tab order, arrows walk from there.
import { element } from "./chip.js";
import { addDays, addMonths, monthStart, today } from "./dates.js";
import { settings } from "./settings.js";
import { miniSpan, weekdays } from "./views.js";
import { dayWords, monthWords, weekdayWords } from "./wording.js";

const ARROWS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

// `choose(day)` goes there; `turn(day)` only shows another month.
export function createMini(root, { choose, turn }) {
  const title = root.querySelector("[data-mini-title]");
  const grid = root.querySelector("[data-mini-days]");
  let month = "";

  root.addEventListener("click", ({ target }) => {
    const step = target.closest("[data-mini-step]");
    if (step) turn(addMonths(month, Number(step.dataset.miniStep)));
    const day = target.closest("[data-day]");
    if (day) choose(day.dataset.day);
  });
  grid.addEventListener("keydown", (event) => {
    const day = event.target.closest("[data-day]")?.dataset.day;
    if (!day || !(event.key in ARROWS)) return;
    event.preventDefault();
    event.stopPropagation();
    focusDay(addDays(day, ARROWS[event.key]));
  });

  function focusDay(day) {
    if (!grid.querySelector(`[data-day="${day}"]`)) turn(monthStart(day));
    grid.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    const button = grid.querySelector(`[data-day="${day}"]`);
    button?.setAttribute("tabindex", "0");
    button?.focus();
  }

  return {
    // `shown` is the month's day one, `span` the period on the big screen, `events` null while unknown.
    draw(shown, [from, to], events) {
      const hadFocus = grid.contains(document.activeElement) && document.activeElement.dataset.day;
      month = monthStart(shown);
      title.textContent = monthWords(month);
      const days = Array.from({ length: 42 }, (_, index) => addDays(miniSpan(month)[0], index));
      const stop = days.includes(from) ? from : month;
      const buttons = days.map((day) =>
        dayButton(day, { month, from, to, stop, isBusy: isBusy(events, day) }),
      );
      grid.replaceChildren(...weekdays().map((number) => head(number)), ...buttons);
      if (hadFocus) grid.querySelector(`[data-day="${hadFocus}"]`)?.focus();
    },
  };
}

const isBusy = (events, day) =>
  (events ?? []).some(
    (event) =>
      event.first <= day && day <= event.last && event.busy !== "free" && event.response !== "declined",
  );

function head(number) {
  const made = element("span", "mini__weekday", weekdayWords(number).slice(0, 2));
  made.setAttribute("aria-hidden", "true");
  return made;
}

function dayButton(day, { month, from, to, stop, isBusy }) {
  const made = element("button", "mini__day", String(Number(day.slice(8))));
  made.type = "button";
  made.dataset.day = day;
  made.tabIndex = day === stop ? 0 : -1;
  made.setAttribute("aria-label", dayWords(day));
  if (day === today(settings.zone)) made.setAttribute("aria-current", "date");
  made.classList.toggle("mini__day--other", monthStart(day) !== month);
  made.classList.toggle("mini__day--shown", day >= from && day < to);
  made.classList.toggle("mini__day--busy", isBusy);
  return made;
}
