// The left side: which calendars are seen, and whether the side itself is. Both are remembered on this device.
import { remember, remembered } from "./choices.js";
import { learnCalendars } from "./settings.js";

const root = document.querySelector(".cal");
const toggle = document.querySelector("[data-side-toggle]");
const phone = window.matchMedia("(max-width: 900px)");
let hidden = new Set(remembered("hidden", []));

export const isShown = ({ calendar }) => !hidden.has(calendar);
export const allHidden = () => {
  const boxes = [...document.querySelectorAll("[data-calendar]")];
  return boxes.length > 0 && boxes.every((box) => !box.checked);
};

export function createSide(redraw) {
  dress();
  setSide(!phone.matches && remembered("side", true));
  phone.addEventListener("change", ({ matches }) => setSide(!matches && remembered("side", true)));
  toggle.addEventListener("click", () => {
    const isOpen = toggle.getAttribute("aria-expanded") !== "true";
    setSide(isOpen);
    if (!phone.matches) remember("side", isOpen);
  });
  root.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-calendar]")) return;
    const id = Number(target.dataset.calendar);
    if (target.checked) hidden.delete(id);
    else hidden.add(id);
    remember("hidden", [...hidden]);
    redraw();
  });
}

export function closeSideOnPhone() {
  if (phone.matches) setSide(false);
}

function setSide(isOpen) {
  toggle.setAttribute("aria-expanded", String(isOpen));
  root.classList.toggle("cal--without-side", !isOpen);
}

// Boxes and colours of the list, as remembered and as the server said.
function dress() {
  for (const label of document.querySelectorAll("[data-calendars] [data-colour]")) {
    label.style.setProperty("--swatch", label.dataset.colour);
  }
  for (const box of document.querySelectorAll("[data-calendar]")) {
    box.checked = !hidden.has(Number(box.dataset.calendar));
  }
}

// The list of calendars changed elsewhere: take it from a fresh copy of this page. Without an answer it stays as it is.
export async function reloadCalendars() {
  const response = await fetch(window.location.href).catch(() => null);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const list = fresh.querySelector("[data-calendars]");
  const settings = fresh.getElementById("calendar-settings");
  if (!list || !settings) return window.location.reload();
  learnCalendars(JSON.parse(settings.textContent).calendars);
  document.querySelector("[data-calendars]").replaceWith(list);
  dress();
}
