"""The pages on which a person signs in and allows: choose an account, tick the scopes, Allow or Deny.

Scripts may add ``sandbox_user=EMAIL`` to skip the choice and ``sandbox_allow=1`` (or 0 to refuse) to skip
the page; ``sandbox_scope`` (repeatable) then limits what is ticked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.google.cloud import Cloud
from sandbox.google.grants import CODE_SECONDS, Client, Code
from sandbox.google.scopes import KNOWN, SIGN_IN, describe
from sandbox.google.signing import subject
from sandbox.pages import render
from sandbox.world import Mailbox


class Refused(Exception):
    """A request Google answers with an error page instead of a redirect."""

    def __init__(self, error: str, sentence: str) -> None:
        super().__init__(sentence)
        self.error, self.sentence = error, sentence


@dataclass(frozen=True, slots=True)
class Wish:
    """A checked authorisation request."""

    client: Client
    redirect: str
    scopes: Sequence[str]
    params: QueryParams

    def back(self, answer: dict[str, str]) -> Response:
        """The redirect to the app, its state first."""
        state = {"state": self.params["state"]} if "state" in self.params else {}
        joiner = "&" if urlsplit(self.redirect).query else "?"
        return RedirectResponse(f"{self.redirect}{joiner}{urlencode(state | answer)}", 302)

    def url(self, path: str, **extra: str) -> str:
        kept = [(name, value) for name, value in self.params.multi_items() if not name.startswith("sandbox_")]
        return f"{path}?{urlencode([*kept, *extra.items()])}"


async def authorize(request: Request) -> Response:
    """The whole sign-in by GET: account page, consent page, or straight back with a code."""
    cloud: Cloud = request.app.state.cloud
    try:
        wish = _wish(cloud, request.query_params)
    except Refused as refused:
        return _error_page(request, refused)
    chosen = wish.params.get("sandbox_user", "")
    mailbox = _mailbox(cloud, chosen)
    if chosen and mailbox is None:
        return _error_page(request, Refused("invalid_request", "This account does not exist."))
    prompts = wish.params.get("prompt", "").split()
    if mailbox is None:
        if "none" in prompts:
            return wish.back({"error": "interaction_required"})
        return _account_page(request, cloud, wish)
    if "sandbox_allow" in wish.params:
        return _scripted(cloud, wish, mailbox)
    known = cloud.grants.consented(wish.client.id, mailbox.address)
    if "consent" not in prompts and all(scope in known for scope in wish.scopes):
        return _grant(cloud, wish, mailbox, wish.scopes, first=False)
    return _consent_page(request, wish, mailbox)


async def decide(request: Request) -> Response:
    """The consent form's target: `decision` is allow or deny, `scope` each ticked scope."""
    cloud: Cloud = request.app.state.cloud
    form = await request.form()
    try:
        wish = _wish(cloud, request.query_params)
        mailbox = _mailbox(cloud, str(form.get("account", "")))
        if mailbox is None:
            raise Refused("invalid_request", "This account does not exist.")
    except Refused as refused:
        return _error_page(request, refused)
    if form.get("decision") != "allow":
        return wish.back({"error": "access_denied"})
    ticked = {str(scope) for scope in form.getlist("scope")}
    return _grant(cloud, wish, mailbox, [s for s in wish.scopes if s in ticked or s in SIGN_IN], first=True)


def _wish(cloud: Cloud, params: QueryParams) -> Wish:
    """Raises Refused with Google's error word."""
    client = cloud.grants.clients.get(params.get("client_id", ""))
    if client is None:
        raise Refused("invalid_client", "The OAuth client was not found.")
    redirect = params.get("redirect_uri", "")
    if not client.allows(redirect):
        raise Refused("redirect_uri_mismatch", "The redirect address is not registered for this app.")
    if params.get("response_type") != "code":
        raise Refused("unsupported_response_type", "The parameter response_type must be code.")
    scopes = list(dict.fromkeys(params.get("scope", "").split()))
    if not scopes:
        raise Refused("invalid_request", "Missing required parameter: scope")
    unknown = [scope for scope in scopes if scope not in KNOWN]
    if unknown:
        raise Refused("invalid_scope", f"Some requested scopes were invalid: {', '.join(unknown)}")
    if params.get("code_challenge_method", "plain") not in ("plain", "S256"):
        raise Refused("invalid_request", "Invalid code_challenge_method.")
    return Wish(client, redirect, scopes, params)


def _mailbox(cloud: Cloud, address: str) -> Mailbox | None:
    return cloud.world.mailboxes.get(address.strip().lower())


def _scripted(cloud: Cloud, wish: Wish, mailbox: Mailbox) -> Response:
    if wish.params["sandbox_allow"] != "1":
        return wish.back({"error": "access_denied"})
    chosen = wish.params.getlist("sandbox_scope") or wish.scopes
    allowed = [scope for scope in wish.scopes if scope in chosen or scope in SIGN_IN]
    known = cloud.grants.consented(wish.client.id, mailbox.address)
    first = "consent" in wish.params.get("prompt", "").split() or any(s not in known for s in allowed)
    return _grant(cloud, wish, mailbox, allowed, first=first)


def _grant(cloud: Cloud, wish: Wish, mailbox: Mailbox, scopes: Sequence[str], *, first: bool) -> Response:
    """Back to the app with a code. A refresh token needs offline access and a shown consent page."""
    scopes = [scope for scope in scopes if scope not in cloud.grants.switches.withheld]
    if not scopes:
        return wish.back({"error": "access_denied"})
    earlier = cloud.grants.consented(wish.client.id, mailbox.address)
    cloud.grants.consent(wish.client.id, mailbox.address, scopes)
    if wish.params.get("include_granted_scopes") == "true":
        scopes += [scope for scope in earlier if scope not in scopes]
    code = Code(
        client=wish.client.id,
        mailbox=mailbox.address,
        scopes=tuple(scopes),
        redirect=wish.redirect,
        offline=wish.params.get("access_type") == "offline" and first,
        expires=cloud.grants.time() + CODE_SECONDS,
        challenge=wish.params.get("code_challenge", ""),
        method=wish.params.get("code_challenge_method", "plain"),
        nonce=wish.params.get("nonce", ""),
    )
    prompt = "consent" if first else "none"
    answer = {"code": cloud.grants.issue_code(code), "scope": " ".join(scopes), "authuser": "0"}
    return wish.back(answer | {"prompt": prompt})


# Pages


def _account_page(request: Request, cloud: Cloud, wish: Wish) -> Response:
    hint = wish.params.get("login_hint", "").lower()
    boxes = sorted(
        cloud.world.mailboxes.values(), key=lambda box: hint not in (box.address, subject(box.address))
    )
    accounts = [(box, wish.url("/o/oauth2/v2/auth", sandbox_user=box.address)) for box in boxes]
    hinted = next((box.address for box in boxes if hint in (box.address, subject(box.address))), "")
    cancel = wish.back({"error": "access_denied"}).headers["location"]
    return render(
        request,
        "accounts.html",
        {"client": wish.client, "accounts": accounts, "hinted": hinted, "cancel": cancel},
    )


def _consent_page(request: Request, wish: Wish, mailbox: Mailbox) -> Response:
    asked = [(scope, describe(scope)) for scope in wish.scopes if scope not in SIGN_IN]
    told = [(scope, describe(scope)) for scope in wish.scopes if scope in SIGN_IN]
    return render(
        request,
        "consent.html",
        {
            "client": wish.client, "mailbox": mailbox, "asked": asked, "told": told,
            "action": wish.url("/o/oauth2/v2/consent"), "other": wish.url("/o/oauth2/v2/auth"),
        },
    )  # fmt: skip


def _error_page(request: Request, refused: Refused) -> Response:
    context = {"error": refused.error, "sentence": refused.sentence}
    return render(request, "sign_in_error.html", context, status=400)
