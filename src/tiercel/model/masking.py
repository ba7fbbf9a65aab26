"""Keeps secrets out of what people read: every text it was told of becomes stars, in each form it is likely to take.

A secret is known as it is, line by line, as JSON, shells, URLs, HTML and Python spell it, and in Base64 on its own or
inside something longer, as `Authorization: Basic …` has it. One of fewer than three characters is not hidden.
"""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

STARS = "******"
SECRET_FUNCTIONS = frozenset({"secret", "credential", "decrypt"})
"""Functions of expressions whose answers nobody is to see."""
LONGEST = 16 * 1024
"""Bytes of the longest form of a secret that is looked for across the pieces of a long line."""
_SHORTEST = 3
"""Shorter texts occur everywhere by chance; masking them would tell more than it hides."""
_SHORTEST_LINE = 8
_SHORTEST_NUMBER = 6
_SHORTEST_INSIDE_BASE64 = 8
_ENCRYPTED_OUTPUTS = re.compile(r"::\{[^\n]*?encryptedOutputs[^\n]*?\}::")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Masker:
    """The secrets of one run, as they become known."""

    __slots__ = ("_forms", "_pattern")

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Hide this text from now on."""
        if secret in self._forms:
            return
        forms = {form for form in _forms(secret) if len(form) >= _SHORTEST}
        if not forms <= self._forms:
            self._forms |= forms
            self._pattern = None

    def add_answer(self, function: str, value: Any) -> None:
        """Hide what the world has answered to a function, where that is secret."""
        if function in SECRET_FUNCTIONS:
            self.add_texts(value)

    def add_texts(self, value: Any) -> None:
        """Hide the texts inside a value. Short numbers and booleans are everywhere."""
        for text in _texts(value):
            self.add(text)

    def mask(self, text: str) -> str:
        """The text without secrets."""
        if "encryptedOutputs" in text:
            text = _ENCRYPTED_OUTPUTS.sub(STARS, text)
        # Looking for each form is much faster than one expression of all of them, and nearly always enough.
        if not any(form in text for form in self._forms):
            return text
        if self._pattern is None:
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern.sub(STARS, text)


def _forms(secret: str) -> Iterator[str]:
    yield from _spellings(secret)
    yield from _spellings(secret.strip())
    lines = secret.splitlines()
    if len(lines) > 1:
        for line in lines:
            if len(line.strip()) >= _SHORTEST_LINE:
                yield from _spellings(line.strip())
    for part in _parts(secret):
        yield from _spellings(part)


def _spellings(text: str) -> Iterator[str]:
    """One text as different notations write it."""
    yield text
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1].replace("/", "\\/")
    yield repr(text)[1:-1]
    yield text.replace("'", "'\\''")
    yield text.replace("'", "'\"'\"'")
    yield html.escape(text)
    if len(text) >= _SHORTEST:
        yield from _in_urls(text.encode("utf-8", "replace"))
        yield from _in_base64(text.encode("utf-8", "replace"))


def _in_urls(data: bytes) -> Iterator[str]:
    for slash in (b"", b"/"):
        kept = _UNRESERVED | frozenset(slash)
        escaped = "".join(chr(byte) if byte in kept else f"%{byte:02X}" for byte in data)
        yield escaped
        yield escaped.replace("%20", "+")
        yield re.sub("%..", lambda found: found.group().lower(), escaped)


def _in_base64(data: bytes) -> Iterator[str]:
    """By itself; and what of it stays the same wherever in something longer it begins."""
    whole = base64.b64encode(data).decode()
    inside = (_inside_base64(data, before) for before in range(3))
    for text in (whole.rstrip("="), *(form for form in inside if len(form) >= _SHORTEST_INSIDE_BASE64)):
        yield text
        yield text.replace("+", "-").replace("/", "_")


def _inside_base64(data: bytes, before: int) -> str:
    """The characters that hold bits of nothing else, where `before` bytes stand in front within the first three."""
    encoded = base64.b64encode(bytes(before) + data).decode().rstrip("=")
    first = -(-8 * before // 6)
    last = 8 * (before + len(data)) // 6
    return encoded[first:last]


def _parts(secret: str) -> Iterator[str]:
    """A secret that is a JSON object is used by its parts: each is as secret as the whole."""
    if not secret.lstrip().startswith(("{", "[")):
        return
    try:
        value = json.loads(secret)
    except (ValueError, RecursionError):
        return
    yield from _texts(value)


def _texts(value: Any) -> Iterator[str]:
    """The texts inside a value, and numbers so long that they are no coincidence."""
    pending: list[Any] = [value]
    while pending:
        inner = pending.pop()
        if isinstance(inner, dict):
            pending += cast(dict[str, Any], inner).values()
        elif isinstance(inner, list):
            pending += cast(Iterable[Any], inner)
        elif isinstance(inner, str):
            yield inner
        elif isinstance(inner, int) and len(str(abs(inner))) >= _SHORTEST_NUMBER:
            yield str(inner)
