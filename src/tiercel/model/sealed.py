"""Encrypted texts as they stand among inputs and outputs, and how the same data looks to those who may read them.

What a key is and how it encrypts is the `Cipher`'s: it is handed in, since data of the core knows no library for it.
"""

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from itertools import count
from typing import Any, Protocol, cast

import msgspec

SEALED = "io.kestra.datatype:aes_encrypted"
"""The `type` of a mapping that holds an encrypted text as its `value`."""

_MARK = SEALED.encode()
_ENCODER = msgspec.json.Encoder(enc_hook=str)

NO_KEY = "encryption is not configured: give the server a key, 32 bytes in Base64, as `kestra.encryption.secret-key`"

Encrypt = Callable[[str], Mapping[str, Any]]
"""Turns a text into what may be stored of it."""
Decrypt = Callable[[str], str]
"""Turns the `value` of what is stored into the text."""


class Cipher(Protocol):
    """The server's key."""

    def encrypt(self, text: str, *, nonce: bytes) -> str:
        """The text as it may be stored. No two texts may have the same twelve bytes of `nonce`."""
        ...

    def decrypt(self, text: str) -> str:
        """The clear text. Raises what a rendering may raise where another key made it."""
        ...


def sealed(text: str) -> dict[str, Any]:
    """An encrypted text as it is stored and shown."""
    return {"type": SEALED, "value": text}


def sealing(cipher: Cipher, *cause: object) -> Encrypt:
    """Seals the texts of one piece of work, always with the same result for the same cause: never use a cause twice."""
    numbers = count()
    return lambda text: sealed(cipher.encrypt(text, nonce=_nonce(*cause, next(numbers))))


def _nonce(*cause: object) -> bytes:
    return sha256("/".join(map(str, cause)).encode()).digest()[:12]


def is_sealed(value: Any) -> bool:
    """Whether this stands for an encrypted text."""
    if not isinstance(value, dict):
        return False
    entries = cast(dict[str, Any], value)
    return len(entries) == 2 and entries.get("type") == SEALED and isinstance(entries.get("value"), str)


def opened(value: Any, decrypt: Decrypt) -> Any:
    """The value with every encrypted text in clear; itself where there is none."""
    if isinstance(value, dict | list):
        return _opened(cast(Any, value), decrypt) if _may_hold_sealed(cast(Any, value)) else cast(Any, value)
    return plain(Opened(cast(Mapping[str, Any], value), decrypt)) if isinstance(value, Mapping) else value


def holds_sealed(value: Any) -> bool:
    """Whether an encrypted text stands anywhere in the value."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    opened(value, note)
    return bool(found)


def _may_hold_sealed(value: Any) -> bool:
    """Found by its text: written in C, that is some twenty times faster than to look at every value."""
    try:
        return _MARK in _ENCODER.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return True


def _opened(value: Any, decrypt: Decrypt) -> Any:
    if isinstance(value, dict):
        entries = cast(dict[str, Any], value)
        if is_sealed(entries):
            return decrypt(entries["value"])
        return {name: _opened(inner, decrypt) for name, inner in entries.items()}
    if isinstance(value, list):
        return [_opened(inner, decrypt) for inner in cast(list[Any], value)]
    return value


def plain(value: Any) -> Any:
    """The value with every kind of mapping turned into a dict; itself where it is plain data already."""
    if isinstance(value, Mapping):
        mapping = cast(Mapping[Any, Any], value)
        entries = {name: plain(mapping[name]) for name in mapping}
        is_same = mapping.__class__ is dict and all(entries[name] is mapping[name] for name in entries)
        return cast(Any, mapping) if is_same else entries
    if isinstance(value, list) and not _is_flat(cast(list[Any], value)):
        listed = cast(list[Any], value)
        made = [plain(inner) for inner in listed]
        is_same = all(new is old for new, old in zip(made, listed, strict=True))
        return cast(Any, listed if is_same else made)
    return cast(Any, value)


class Opened(Mapping[str, Any]):
    """A mapping whose encrypted texts are clear to those who read it: opened name by name, so that its size costs nothing."""

    __slots__ = ("_decrypt", "_inner")

    def __init__(self, inner: Mapping[str, Any], decrypt: Decrypt) -> None:
        self._inner = inner
        self._decrypt = decrypt

    def __getitem__(self, name: str) -> Any:
        value = self._inner[name]
        if isinstance(value, Mapping) and not is_sealed(value):
            return Opened(cast(Mapping[str, Any], value), self._decrypt)
        return opened(value, self._decrypt)

    def __contains__(self, name: object) -> bool:
        return name in self._inner

    def __iter__(self) -> Iterator[str]:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)


_SCALARS = frozenset({str, int, float, bool, type(None)})


def _is_flat(value: list[Any]) -> bool:
    """Whether a list holds nothing but scalars: told at once, for lists may be long."""
    return _SCALARS.issuperset(map(type, value))
