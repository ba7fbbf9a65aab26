"""The one account that may use the server from other machines: configured, or made at the first start and shown once."""

import hashlib
import secrets

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from tiercel.ports.settings_store import SettingsStore

NAME = "basic-auth"
DEFAULT_USER = "admin@tiercel.local"


class Account(msgspec.Struct, frozen=True):
    """Who may ask. The password itself is nowhere."""

    username: str
    password: str
    """As an Argon2 hash."""


class Made(msgspec.Struct, frozen=True):
    """An account that has just been made; `password` is shown to whoever started the server, and forgotten."""

    username: str
    password: str


class Gatekeeper:
    """Says whether a name and a password are those of the account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._hasher = PasswordHasher()
        self._admitted: set[bytes] = set()
        """Digests of what was right before: Argon2 takes its time on purpose, and not at each request."""

    def admits(self, username: str, password: str) -> bool:
        digest = hashlib.sha256(f"{username}\0{password}".encode()).digest()
        if digest in self._admitted:
            return True
        if username != self._account.username or not self._is_right(password):
            return False
        self._admitted.add(digest)
        return True

    def _is_right(self, password: str) -> bool:
        try:
            return self._hasher.verify(self._account.password, password)
        except VerificationError:
            return False


def configured(username: str, password: str) -> Gatekeeper:
    """The gatekeeper of an account that the settings name."""
    return Gatekeeper(Account(username, PasswordHasher().hash(password)))


async def stored(store: SettingsStore) -> tuple[Gatekeeper, Made | None]:
    """The gatekeeper of the stored account; where there is none, one is made, and told with its password."""
    made = Made(DEFAULT_USER, secrets.token_urlsafe(12))
    body = msgspec.json.encode(Account(made.username, PasswordHasher().hash(made.password)))
    is_new = await store.put_new(NAME, body)
    kept = body if is_new else await store.get(NAME) or body
    return Gatekeeper(msgspec.json.decode(kept, type=Account)), made if is_new else None
