// Django accepts a writing request only with its token.
export const csrfToken = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";

document.addEventListener("htmx:config:request", ({ detail }) => {
  const { request } = detail.ctx;
  if (!/^(get|head)$/i.test(request.method)) request.headers["X-CSRFToken"] = csrfToken();
});
