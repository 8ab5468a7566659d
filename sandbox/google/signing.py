"""The identity of the signed-in person: id_tokens signed with RS256, and the keys to check them."""

import base64
import json
from functools import cached_property

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.google.grants import Grant
from sandbox.shapes import Json
from sandbox.world import Mailbox, World

ISSUER = "https://accounts.google.com"
KEY_ID = "sandbox-1"


class Identity:
    """Signs with a key made at first use and kept with the world."""

    def __init__(self, world: World) -> None:
        self.world = world

    @cached_property
    def key(self) -> rsa.RSAPrivateKey:
        known = self.world.facts.get("signing_key")
        if known:
            loaded = serialization.load_pem_private_key(known.encode(), password=None)
            if isinstance(loaded, rsa.RSAPrivateKey):
                return loaded
        fresh = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = fresh.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.world.facts["signing_key"] = pem.decode()
        self.world.keep_meta()
        return fresh

    def claims(self, mailbox: Mailbox, scopes: list[str]) -> Json:
        """What userinfo and id_tokens say; e-mail and names only with their scopes."""
        claims: Json = {"sub": subject(mailbox.address)}
        if any(scope in scopes for scope in ("email", "https://www.googleapis.com/auth/userinfo.email")):
            claims |= {"email": mailbox.address, "email_verified": True}
        if any(scope in scopes for scope in ("profile", "https://www.googleapis.com/auth/userinfo.profile")):
            family = mailbox.name.partition(" ")[2]
            claims |= {"name": mailbox.name, "given_name": mailbox.given_name, "family_name": family}
            claims["picture"] = f"{self.world.base_url}/static/person.svg"
        return claims

    def id_token(self, grant: Grant, nonce: str = "") -> str:
        """A JWT for the client of this access token, valid as long as it."""
        mailbox = self.world.mailboxes[grant.mailbox]
        times = {"iat": int(grant.issued), "exp": int(grant.expires or grant.issued)}
        who = {"iss": ISSUER, "azp": grant.client, "aud": grant.client}
        digest = _sha256(grant.token.encode())
        claims = who | self.claims(mailbox, grant.scopes) | {"at_hash": _base64(digest[:16])} | times
        # The name is always there: the demo shows it, whatever was asked.
        claims.setdefault("name", mailbox.name)
        return self._sign(claims | ({"nonce": nonce} if nonce else {}))

    def jwks(self) -> Json:
        numbers = self.key.public_key().public_numbers()
        key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID}
        return {"keys": [key | {"n": _number(numbers.n), "e": _number(numbers.e)}]}

    def pem(self) -> Json:
        """The form google-auth reads: key id to public key."""
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return {KEY_ID: self.key.public_key().public_bytes(encoding, form).decode()}

    def _sign(self, claims: Json) -> str:
        header = {"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}
        parts = [_base64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)]
        signature = self.key.sign(".".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())
        return ".".join([*parts, _base64(signature)])


def subject(address: str) -> str:
    """The account's number: 21 digits that follow from the address."""
    number = int.from_bytes(_sha256(address.encode())[:12], "big")
    return f"1{number % 10**20:020d}"


def _sha256(content: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(content)
    return digest.finalize()


def _number(value: int) -> str:
    return _base64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
