// The details of one event, at the side; a sheet on a phone. It never takes the focus hostage.
import { Refused, askFragment } from "../ask.js";
import { element } from "./chip.js";
import { say, settings } from "./settings.js";

const JOIN_MINUTES = 10;
const panel = document.querySelector("[data-panel]");
const body = panel.querySelector("[data-panel-body]");
let shown = null;
let asked = 0;
let answered = 0;

panel.querySelector("[data-panel-close]").addEventListener("click", close);
setInterval(lightJoinButton, 30_000);

export const isOpen = (id) => shown?.id === id;
export const isPanelOpen = () => shown !== null;

// Shows an item of the range view (or anything with id, event and original_start). `opener` gets the focus back.
export async function open(item, opener) {
  const isSame = shown?.id === item.id;
  shown = { id: item.id, address: addressOf(item) };
  panel.hidden = false;
  panel.classList.toggle("panel--start", isUnderPanel(opener));
  markChips();
  if (!isSame) body.replaceChildren(skeleton());
  await load();
  body.querySelector("#details-title")?.focus({ preventScroll: true });
}

export function close() {
  if (!shown) return;
  const { id } = shown;
  shown = null;
  panel.hidden = true;
  markChips();
  chipOf(id)?.focus({ preventScroll: true });
}

// Reads the open event again; what did not change stays as it is, scroll position included.
export async function refreshPanel() {
  if (shown) await load();
}

const chipOf = (id) => document.querySelector(`[data-chip="${CSS.escape(id)}"]`);

// The server's addresses have 0 where the event's number goes.
function addressOf(item) {
  const address = settings.urls.details.replace("/0/", `/${item.event}/`);
  return item.original_start ? `${address}?start=${item.original_start}` : address;
}

// Two questions may be on their way: the older one's answer does not come after the newer one's.
async function load() {
  const { address } = shown;
  const number = ++asked;
  const show = await askFragment(address).then(
    (html) => () => fill(html),
    (error) => () => say_(error instanceof Refused && error.status === 404 ? "gone" : "details_failed"),
  );
  if (shown?.address !== address || number < answered) return;
  answered = number;
  show();
}

function fill(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html; // our own server's, its foreign parts cleaned there; scripts would not run here anyway
  const old = body.querySelector(".details");
  if (old && old.dataset.source === html) return;
  const hadFocus = body.contains(document.activeElement);
  const details = fresh.content.querySelector(".details");
  details.dataset.source = html;
  body.replaceChildren(details);
  for (const swatch of body.querySelectorAll("[data-colour]")) {
    swatch.style.setProperty("--swatch", swatch.dataset.colour);
  }
  if (hadFocus) body.querySelector("#details-title").focus({ preventScroll: true });
  lightJoinButton();
}

function say_(key) {
  body.replaceChildren(element("p", "panel__said", say(key)));
}

function lightJoinButton() {
  const button = body.querySelector("[data-join]");
  if (!button) return;
  const opens = Date.parse(button.dataset.start) - JOIN_MINUTES * 60_000;
  const isTime = Date.now() >= opens && Date.now() < Date.parse(button.dataset.end);
  button.classList.toggle("button--primary", isTime);
}

function markChips() {
  for (const chip of document.querySelectorAll("[data-chip]")) {
    chip.classList.toggle("chip-event--open", isOpen(chip.dataset.chip));
  }
}

// A chip at the right edge would be covered: then the panel opens at the left.
function isUnderPanel(opener) {
  const box = opener?.getBoundingClientRect();
  return Boolean(box) && box.right > window.innerWidth - 400 && box.left > 420;
}

function skeleton() {
  const lines = Array.from({ length: 4 }, () => element("span", "skeleton panel__line"));
  return element("div", "panel__skeleton", ...lines);
}
