// A sentence where nothing is planned; none while nobody knows yet.
import { isImporting } from "./progress.js";
import { say } from "./settings.js";
import { allHidden } from "./side.js";

const sentence = document.querySelector("[data-empty]");

// `events` is undefined until they were read.
export function sayIfEmpty(view, [from, to], events) {
  const isEmpty = events && !events.some((event) => event.first < to && event.last >= from);
  sentence.hidden = !isEmpty || isImporting();
  sentence.textContent = say(allHidden() ? "all_hidden" : `nothing_${view}`);
}
