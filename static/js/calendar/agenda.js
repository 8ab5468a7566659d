// The agenda: a plain list of days and their appointments, for phones, screen readers and who likes it simple.
import { chipClasses, chipContent, element } from "./chip.js";
import { addDays, today } from "./dates.js";
import { colourOf, say, settings } from "./settings.js";
import { headingWords, timesOn } from "./wording.js";

// Draws the days of the span that have appointments, and today in any case. Scroll position and focus stay.
export function drawAgenda(root, events, [from, to], { settling, isOpen }) {
  const scrolled = root.scrollTop;
  const days = [];
  for (let day = from; day < to; day = addDays(day, 1)) {
    const found = events.filter((event) => event.first <= day && day <= event.last);
    if (found.length || day === today(settings.zone))
      days.push(section(day, inOrder(found, day), { settling, isOpen }));
  }
  root.replaceChildren(...days);
  root.scrollTop = scrolled;
}

// What lasts all day comes first, then by start.
function inOrder(events, day) {
  const startsAt = (event) => (event.all_day || event.first < day ? "" : event.start);
  return events.toSorted((one, other) => startsAt(one).localeCompare(startsAt(other)));
}

function section(day, events, looks) {
  const { main, extra } = headingWords(day);
  const heading = element("h3", "agenda__date", main);
  heading.id = `agenda-${day}`;
  if (extra) heading.append(" ", element("span", "muted", extra));
  const list = element("ul", "agenda__list", ...events.map((event) => row(event, day, looks)));
  const made = element("section", "agenda__day", heading, events.length ? list : nothing());
  made.classList.toggle("agenda__day--today", day === today(settings.zone));
  made.setAttribute("aria-labelledby", heading.id);
  return made;
}

const nothing = () => element("p", "agenda__nothing muted", say("nothing_today"));

function row(event, day, { settling, isOpen }) {
  const looks = chipClasses(event, { settling: settling.has(event.id) });
  const button = element("button", `${looks} chip-event--agenda`, ...chipContent(event, timesOn(event, day)));
  button.type = "button";
  button.dataset.chip = event.id;
  button.style.setProperty("--fc-event-color", colourOf(event));
  button.classList.toggle("chip-event--open", isOpen(event.id));
  return element("li", "", button);
}
