// The calendar page: what is looked at, where it comes from, and what happens when it changes.
import { drawAgenda } from "../calendar/agenda.js";
import { remember, remembered } from "../calendar/choices.js";
import { today } from "../calendar/dates.js";
import { sayIfEmpty } from "../calendar/empty.js";
import { createGrid, scrollTarget } from "../calendar/grid.js";
import { drawHeading } from "../calendar/heading.js";
import { listenForKeys } from "../calendar/keys.js";
import { clearLine, sayLine } from "../calendar/line.js";
import { follow } from "../calendar/live.js";
import { createLoader } from "../calendar/loader.js";
import { createMini } from "../calendar/mini.js";
import { close, isOpen, open, refreshPanel } from "../calendar/panel.js";
import { refreshProgress } from "../calendar/progress.js";
import { createSearch, openSearch } from "../calendar/search.js";
import { isKnownCalendar, settings } from "../calendar/settings.js";
import { closeSideOnPhone, createSide, isShown, reloadCalendars } from "../calendar/side.js";
import { known, refresh } from "../calendar/store.js";
import { VIEWS, windowOf } from "../calendar/views.js";

const find = (name) => document.querySelector(`[data-${name}]`);
const phone = window.matchMedia("(max-width: 640px)");
const stage = { grid: find("grid"), agenda: find("agenda") };

let view = phone.matches ? "agenda" : remembered("view", "week");
let day = today(settings.zone);
let miniDay = day;
let settling = new Set();
let isScrolled = false;
let revisions = null;

const span = () => VIEWS[view].span(day);
const shown = () => (known(windowOf(view, day)) ?? []).filter(isShown);
const loader = createLoader({ span: () => windowOf(view, day), arrived });
const look = { events: shown, settling: () => settling, isOpen, open, goToDay };
const grid = createGrid(stage.grid.firstElementChild, look);
const mini = createMini(find("mini"), { choose: goTo, turn: turnMini });

function draw() {
  drawHeading(view, day);
  stage.agenda.hidden = view !== "agenda";
  stage.grid.hidden = view === "agenda";
  if (view !== "agenda") grid.show(view, day);
  redraw();
}

// The appointments anew, without moving anything else.
function redraw() {
  const focused = document.activeElement?.closest("[data-chip]")?.dataset.chip;
  if (view === "agenda") drawAgenda(stage.agenda, shown(), span(), { settling, isOpen });
  else grid.draw();
  mini.draw(miniDay, span(), known(windowOf(view, miniDay))?.filter(isShown));
  sayIfEmpty(view, span(), known(windowOf(view, day))?.filter(isShown));
  scrollOnce();
  if (focused) document.querySelector(`[data-chip="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

// Paper gets the list of days, whatever the view.
function layOutForPrint() {
  drawAgenda(stage.agenda, shown(), span(), { settling, isOpen });
  stage.agenda.hidden = false;
}

// The first time a grid with hours has its appointments it is scrolled to them; after that it is the reader's.
function scrollOnce() {
  if (isScrolled || !VIEWS[view].grid || view === "month" || !known(windowOf(view, day))) return;
  isScrolled = true;
  grid.scrollTo(scrollTarget(shown(), span(), stage.grid.clientHeight * 1.1));
}

function arrived(changed) {
  settling = changed;
  redraw();
  settling = new Set();
  if (shown().some((event) => !isKnownCalendar(event.calendar))) reloadCalendars().then(redraw);
}

function goTo(target, inView = view) {
  day = miniDay = target;
  view = inView;
  stage.agenda.scrollTop = 0;
  closeSideOnPhone();
  draw();
  return loader.go();
}

function goToDay(target) {
  isScrolled = false;
  goTo(target, "day");
}

function go(where) {
  const steps = { today: () => today(settings.zone), next: () => step(1), previous: () => step(-1) };
  goTo(steps[where]());
}

const step = (direction) => VIEWS[view].step(day, direction);

function show(name) {
  remember("view", name);
  isScrolled = false;
  goTo(day, name);
}

function turnMini(target) {
  miniDay = target;
  redraw();
  refreshMini();
}

const refreshMini = () => refresh(windowOf(view, miniDay)).then(redraw, () => {});

async function catchUp(newest) {
  const before = revisions;
  revisions = newest;
  if (Object.keys(newest).some((id) => !isKnownCalendar(Number(id)))) await reloadCalendars();
  if (JSON.stringify(before) !== JSON.stringify(newest)) changed();
}

function changed() {
  loader.renew();
  if (miniDay !== day) refreshMini();
  refreshPanel();
  refreshProgress();
}

document.addEventListener("click", ({ target }) => {
  const chosen = target.closest("[data-view]")?.dataset.view;
  if (chosen) show(chosen);
  const where = target.closest("[data-go]")?.dataset.go;
  if (where) go(where);
  const chip = target.closest(".cal__agenda [data-chip]");
  if (chip)
    open(
      shown().find((event) => event.id === chip.dataset.chip),
      chip,
    );
});

window.addEventListener("beforeprint", layOutForPrint);
window.addEventListener("afterprint", draw);
createSide(redraw);
createSearch((item, target) => goTo(target).then(() => open(item)));
listenForKeys({ go, show, search: openSearch, help: () => find("keys").showModal(), escape: close });
goTo(day);
follow(settings.urls.stream, {
  caughtUp: catchUp,
  changed,
  status: refreshProgress,
  lost: () => sayLine("stream", "reconnecting"),
  found: () => clearLine("stream"),
  poll: changed,
});
