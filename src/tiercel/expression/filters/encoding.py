"""Filters that encode: Base64, URLs, hashes."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping

from tiercel.expression.callables import About, Filter, plain, wrong_input
from tiercel.expression.errors import ExpressionError
from tiercel.expression.text import to_string
from tiercel.expression.values import Value, name_of_type

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._")
# How form encoding spells each byte.
_FORM = ["+" if byte == 32 else chr(byte) if byte in _KEPT else f"%{byte:02X}" for byte in range(256)]
# Long texts go piece by piece: the forms of all bytes at once would take eight times the room of the text.
_PIECE = 2**16
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def _encode_base64(value: Value) -> Value:
    return None if value is None else base64.b64encode(to_string(value).encode("utf-8", "replace")).decode("ascii")


def _decode_base64(value: Value) -> Value:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ExpressionError("value", f"{name_of_type(value)} is no Base64; `base64decode` works on a text")
    try:
        return base64.b64decode(value, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError) as error:
        raise ExpressionError("value", f"the text is no Base64: {error}") from None


def _encode_url(value: Value) -> Value:
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong_input("urlencode", value, "a text")
    return "".join(_encoded(value[start : start + _PIECE]) for start in range(0, len(value), _PIECE))


def _encoded(piece: str) -> str:
    return "".join([_FORM[byte] for byte in piece.encode("utf-8", "replace")])


def _decode_url(value: Value) -> Value:
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong_input("urldecode", value, "a text")
    if broken := _BROKEN_ESCAPE.search(value):
        raise ExpressionError("value", f"`{value[broken.start() : broken.start() + 3]}` is no escape of a URL")
    spelled = value.replace("+", " ").encode("utf-8", "replace")
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), spelled).decode("utf-8", "replace")


def _hash(owner: str, example: str) -> Filter:
    def run(value: Value) -> Value:
        if value is None:
            return None
        if not isinstance(value, str):
            raise wrong_input(owner, value, "a text; `| string` makes one")
        return hashlib.new(owner, value.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()

    return plain(run, About(f"The {owner.upper()} digest of a text, in hexadecimal.", example))


_TO_BASE64 = About("The text in Base64.", "{{ 'hello' | base64encode }} → aGVsbG8=")
_FROM_BASE64 = About("The text that Base64 says.", "{{ 'aGVsbG8=' | base64decode }} → hello")
_TO_URL = About("The text as part of a URL: a blank is `+`.", "{{ 'a b&c' | urlencode }} → a+b%26c")
_FROM_URL = About("The text that a part of a URL says.", "{{ 'a+b%26c' | urldecode }} → a b&c")
FILTERS: Mapping[str, Filter] = {
    "base64encode": plain(_encode_base64, _TO_BASE64),
    "base64Encode": plain(_encode_base64, _TO_BASE64),
    "base64decode": plain(_decode_base64, _FROM_BASE64),
    "base64Decode": plain(_decode_base64, _FROM_BASE64),
    "urlencode": plain(_encode_url, _TO_URL),
    "urlEncode": plain(_encode_url, _TO_URL),
    "urldecode": plain(_decode_url, _FROM_URL),
    "urlDecode": plain(_decode_url, _FROM_URL),
    "md5": _hash("md5", "{{ 'a' | md5 }} → 0cc175b9c0f1b6a831c399e269772661"),
    "sha1": _hash("sha1", "{{ 'a' | sha1 }} → 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
    "sha256": _hash("sha256", "{{ 'a' | sha256 | abbreviate(11) }} → ca978112..."),
    "sha512": _hash("sha512", "{{ 'a' | sha512 | abbreviate(11) }} → 1f40fc92..."),
}
