// <button data-copy="id" data-copied="words"> copies the text of that element and says so for two seconds.
document.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("span") ?? button;
  const words = label.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    label.textContent = button.dataset.copied;
  } catch {
    // Without permission the text is selected, ready for the keys.
    window.getSelection().selectAllChildren(source);
    return;
  }
  setTimeout(() => (label.textContent = words), 2000);
});
