// Shows an appearance the moment it is chosen on My profile; saving the form is what keeps it.
document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-theme-choice] input")) return;
  if (target.value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = target.value;
});
