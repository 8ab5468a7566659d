// What the server told this page: addresses, zone, the reader's habits, and every word in the reader's language.
export const settings = JSON.parse(document.getElementById("calendar-settings").textContent);

export const say = (key, value = "") => settings.words[key].replace("%s", () => value);

const colours = new Map();
let names = new Map();

export function learnCalendars(calendars) {
  settings.calendars = calendars;
  colours.clear();
  for (const { id, colour } of calendars) colours.set(id, colour);
  names = new Map(calendars.map(({ id, name }) => [id, name]));
}

export const colourOf = (event) => event.colour || colours.get(event.calendar) || "#3b6fd4";
export const calendarName = (id) => names.get(id) ?? "";
export const isKnownCalendar = (id) => names.has(id);

learnCalendars(settings.calendars);
