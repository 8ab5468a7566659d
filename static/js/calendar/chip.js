// How one event looks, wherever it is shown: classes for its state, icons, and words for those who cannot see them.
import { today } from "./dates.js";
import { settings, say } from "./settings.js";

export const DASH = " – ";

const icons = document.querySelector("template[data-icons]").content;

export function icon(name) {
  const drawing = icons.querySelector(`[data-icon="${name}"] svg`).cloneNode(true);
  drawing.classList.add("icon--small");
  return drawing;
}

export function element(tag, className, ...content) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...content);
  return made;
}

const isTentative = ({ status, response }) => status === "tentative" || response === "tentative";
const isPrivate = ({ visibility }) => visibility === "private" || visibility === "confidential";
export const isPast = (event) =>
  event.all_day ? event.last < today(settings.zone) : Date.parse(event.end) < Date.now();

export function chipClasses(event, { settling = false } = {}) {
  const states = {
    tentative: isTentative(event) && event.response !== "declined",
    declined: event.response === "declined",
    free: event.busy === "free" && !event.special,
    special: Boolean(event.special),
    [event.special.replaceAll("_", "-")]: Boolean(event.special),
    past: isPast(event),
    settling,
  };
  const names = Object.keys(states).filter((name) => states[name]);
  return ["chip-event", ...names.map((name) => `chip-event--${name}`)].join(" ");
}

// Icons of what the eye should notice, and the same in words.
export function marks(event) {
  const shown = {
    private: isPrivate(event),
    video: Boolean(event.conference_url),
    recurring: event.recurring,
  };
  const names = Object.keys(shown).filter((name) => shown[name]);
  const spoken = [
    ...(event.special ? [say(`special_${event.special}`)] : []),
    ...(event.response === "declined" ? [say("declined")] : isTentative(event) ? [say("tentative")] : []),
    ...names.map((name) => say(name)),
  ];
  return { icons: names.map(icon), spoken: spoken.length ? `, ${spoken.join(", ")}` : "" };
}

export const titleOf = (event) => event.title || say("untitled");

// Title first, time second, then the marks; `day` and time are spoken as one sentence.
export function chipContent(event, time, { spokenDay = "" } = {}) {
  const { icons: drawn, spoken } = marks(event);
  const place = event.location ? [element("span", "chip-event__place", event.location)] : [];
  return [
    element("span", "chip-event__title", titleOf(event)),
    ...(time ? [timeElement(time)] : []),
    ...place,
    ...(drawn.length ? [element("span", "chip-event__marks", ...drawn)] : []),
    element("span", "sr-only", `${spokenDay ? `, ${spokenDay}` : ""}${spoken}`),
  ];
}

// The end has a class of its own, to be left out where room is scarce.
function timeElement(time) {
  const [start, end] = time.split(DASH);
  return element(
    "span",
    "chip-event__time",
    start,
    ...(end ? [element("span", "chip-event__end", DASH + end)] : []),
  );
}
