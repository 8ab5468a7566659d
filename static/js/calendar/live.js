// Hears that something changed (server-sent events), never what: the page asks the ordinary API then.
const COALESCE_MS = 250;
const GRACE_MS = 3_000;
const POLL_MS = 15_000;

// `caughtUp(revisions)` on every (re)connection, `changed()` on news, `status()` when the state of an account
// moved, `lost()` and `found()` around a time without stream, in which `poll()` is called now and then.
export function follow(address, { caughtUp, changed, status, lost, found, poll }) {
  const later = coalesced(changed);
  let isLost = false;
  let grace = null;
  let polling = null;
  let source = connect();

  function connect() {
    const made = new EventSource(address);
    made.addEventListener("hello", ({ data }) => {
      recover();
      caughtUp(JSON.parse(data).revisions);
    });
    made.addEventListener("changed", later);
    made.addEventListener("status", status);
    made.addEventListener("error", () => suspect(made));
    return made;
  }

  // Streams end by themselves now and then; only what stays away is worth a word.
  function suspect(broken) {
    grace ??= setTimeout(declareLost, GRACE_MS);
    if (broken.readyState === EventSource.CLOSED) setTimeout(() => broken === source && reopen(), POLL_MS);
  }

  function declareLost() {
    if (isLost) return;
    isLost = true;
    lost();
    polling = setInterval(poll, POLL_MS);
    poll();
  }

  function recover() {
    clearTimeout(grace);
    clearInterval(polling);
    grace = polling = null;
    if (isLost) found();
    isLost = false;
  }

  function reopen() {
    source.close();
    source = connect();
  }

  // A page that leaves must not hold a connection; one that comes back from the browser's memory needs a new one.
  window.addEventListener("pagehide", () => source.close());
  window.addEventListener("pageshow", ({ persisted }) => persisted && reopen());
  // A network that changed may leave the old connection silent for ever, and so may a night of sleep.
  window.addEventListener("online", reopen);
  window.addEventListener("offline", declareLost);
  document.addEventListener("visibilitychange", () => document.hidden || poll());
}

// Calls at once; many calls within a moment make one more at its end.
function coalesced(act) {
  let timer = null;
  let again = false;
  return function call() {
    if (timer) {
      again = true;
      return;
    }
    act();
    timer = setTimeout(() => {
      timer = null;
      const isDue = again;
      again = false;
      if (isDue) call();
    }, COALESCE_MS);
  };
}
