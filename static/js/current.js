// On a narrow screen the main menu and tabs scroll sideways: where one is must be in sight.
for (const link of document.querySelectorAll(".topbar__link[aria-current], .tabs__link[aria-current]")) {
  const strip = link.parentElement;
  strip.scrollLeft = link.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2;
}
