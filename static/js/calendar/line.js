// One quiet line above the calendar: reconnecting, offline, failed. The last one set under a name is shown.
import { element } from "./chip.js";
import { say } from "./settings.js";

const line = document.querySelector("[data-line]");
const sayings = new Map();

// `retry` adds a button that calls it.
export function sayLine(name, key, { retry } = {}) {
  sayings.delete(name);
  sayings.set(name, { key, retry });
  draw();
}

export function clearLine(name) {
  if (sayings.delete(name)) draw();
}

function draw() {
  const last = [...sayings.values()].at(-1);
  line.hidden = !last;
  if (!last) return;
  const parts = [element("span", "", say(last.key))];
  if (last.retry) parts.push(again(last.retry));
  line.replaceChildren(...parts);
}

function again(act) {
  const button = element("button", "button", say("retry"));
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}
