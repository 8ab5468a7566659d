// <details data-menu> opens by itself; this closes it on Escape, on a click elsewhere, and walks it with arrows.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (!menu) return;
  if (event.key === "Escape" && menu.open) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    menu.open = true;
    move(menu, event.key === "ArrowDown" ? 1 : -1);
  }
});

function move(menu, step) {
  const items = [...menu.querySelectorAll("a[href], button, summary ~ * input:not([type=hidden])")];
  const at = items.indexOf(document.activeElement);
  items[at < 0 && step < 0 ? items.length - 1 : (at + step + items.length) % items.length]?.focus();
}

document.addEventListener("focusout", ({ relatedTarget }) => {
  if (!relatedTarget) return;
  for (const menu of openMenus()) if (!menu.contains(relatedTarget)) menu.open = false;
});
