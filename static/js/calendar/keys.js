// Single keys, as the help dialog lists them. They rest while somebody types, chooses or holds a modifier.
// A dialog that was just closed keeps the focus until the next frame; what cannot be seen is not in use.
const isBusy = ({ target, ctrlKey, metaKey, altKey }) =>
  ctrlKey ||
  metaKey ||
  altKey ||
  (target.closest("input:not([type=checkbox]), textarea, select, dialog, details[open]") &&
    target.checkVisibility());

export function listenForKeys({ go, show, search, help, escape }) {
  const actions = {
    t: () => go("today"),
    j: () => go("next"),
    k: () => go("previous"),
    ArrowRight: () => go("next"),
    ArrowLeft: () => go("previous"),
    d: () => show("day"),
    x: () => show("workweek"),
    w: () => show("week"),
    m: () => show("month"),
    a: () => show("agenda"),
    "/": search,
    "?": help,
    Escape: escape,
  };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isBusy(event)) return;
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    if (event.key !== "Escape") event.preventDefault();
    action();
  });
}
