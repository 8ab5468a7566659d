// Asks our own server. A session that ended leads to the login page, which says why.

export class Refused extends Error {
  constructor(status) {
    super(`answered ${status}`);
    this.status = status;
  }
}

// Resolves to {data, etag}, data being null when nothing changed since `etag`. Throws Refused for an answer that is
// an error, TypeError when the server cannot be reached.
export async function ask(address, { etag, signal } = {}) {
  const headers = { Accept: "application/json", ...(etag && { "If-None-Match": etag }) };
  // Our own If-None-Match is used, so the browser's cache must stay out of it.
  const response = await fetch(address, { headers, signal, cache: "no-store" });
  if (response.status === 304) return { data: null, etag };
  await stopIfLoggedOut(response);
  if (!response.ok) throw new Refused(response.status);
  return { data: await response.json(), etag: response.headers.get("ETag") };
}

// Resolves to a fragment of HTML.
export async function askFragment(address, { signal } = {}) {
  const response = await fetch(address, { signal, cache: "no-store" });
  await stopIfLoggedOut(response);
  if (!response.ok) throw new Refused(response.status);
  return response.text();
}

async function stopIfLoggedOut(response) {
  if (response.status !== 401 && !response.redirected) return;
  const login = new URL(response.redirected ? response.url : "/login/", window.location.href);
  const { reason } = response.status === 401 ? await response.json().catch(() => ({})) : {};
  if (reason) login.searchParams.set("reason", reason);
  login.searchParams.set("next", window.location.pathname);
  window.location.assign(login);
  throw new Refused(401);
}
