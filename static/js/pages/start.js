// Typing an address marks the provider that most likely has the mailbox. Unknown domains suggest nothing.
const PUBLIC_DOMAINS = {
  google: /^(gmail|googlemail)\./,
  microsoft: /^(outlook|hotmail|live|msn)\./,
};

const form = document.querySelector("[data-providers]");

function suggest(address) {
  const domain = address.trim().toLowerCase().split("@")[1] ?? "";
  const provider = Object.keys(PUBLIC_DOMAINS).find((name) => PUBLIC_DOMAINS[name].test(domain));
  for (const choice of form.querySelectorAll("[data-provider]")) {
    const isSuggested = choice.dataset.provider === provider;
    choice.classList.toggle("provider--suggested", isSuggested);
    choice.querySelector("[data-suggested]").hidden = !isSuggested;
  }
}

form?.address.addEventListener("input", ({ target }) => suggest(target.value));
