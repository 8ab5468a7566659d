// What the toolbar says: the period, and which view is on. Brief where room is scarce.
import { element } from "./chip.js";
import { periodWords } from "./wording.js";

const root = document.querySelector(".cal");
const title = document.querySelector("[data-title]");
const narrow = window.matchMedia("(max-width: 1250px)");
let period = null;

narrow.addEventListener("change", () => period && drawHeading(...period));

export function drawHeading(view, day) {
  period = [view, day];
  const { main, extra } = periodWords(view, day, { briefly: narrow.matches });
  title.replaceChildren(main, ...(extra ? [" ", element("span", "cal-bar__week", extra)] : []));
  for (const button of document.querySelectorAll("[data-view]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  root.dataset.shows = view;
}
