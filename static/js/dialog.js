// A link with data-dialog shows the [data-dialog-content] of its page in a <dialog>; any trouble follows the link.
// A button with data-opens="id" shows the <dialog> of that id; data-close closes.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  const plain =
    !event.defaultPrevented && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0;
  if (link && plain) {
    event.preventDefault();
    openPage(link.href);
  }
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  const closer = event.target.closest("dialog [data-close]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
});

export async function openPage(address) {
  const content = await contentOf(address).catch(() => null);
  if (!content) {
    window.location.assign(address);
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  dialog.setAttribute("aria-labelledby", content.getAttribute("aria-labelledby"));
  dialog.append(...content.childNodes);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
}

async function contentOf(address) {
  const response = await fetch(address, { headers: { "X-Requested-With": "dialog" } });
  if (!response.ok || response.redirected) return null;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return page.querySelector("[data-dialog-content]");
}
