// Toasts leave after ten seconds, not while a pointer or the focus is on them; errors stay until dismissed.
const SECONDS = 10;
const region = document.getElementById("toasts");

export function toast(words, { tone = "success", undo } = {}) {
  const box = document.createElement("div");
  box.className = `toast toast--${tone}`;
  box.dataset.toast = "";
  const text = document.createElement("span");
  text.textContent = words;
  box.append(text);
  if (undo) box.append(button(region.dataset.undoLabel, () => (undo(), box.remove())));
  box.append(button(region.dataset.dismissLabel, () => box.remove()));
  region.append(box);
  arm(box);
  return box;
}

function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button button--quiet";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

function arm(box) {
  const dismiss = box.querySelector("[data-dismiss]");
  if (dismiss) {
    dismiss.hidden = false;
    dismiss.addEventListener("click", () => box.remove());
  }
  if (box.matches(".toast--error, .toast--warning")) return;
  let timer;
  const wait = () => (timer = setTimeout(() => box.remove(), SECONDS * 1000));
  const hold = () => clearTimeout(timer);
  for (const kind of ["pointerenter", "focusin"]) box.addEventListener(kind, hold);
  for (const kind of ["pointerleave", "focusout"]) box.addEventListener(kind, wait);
  wait();
}

region?.querySelectorAll("[data-toast]").forEach(arm);
