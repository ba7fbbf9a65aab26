"""Filters that encode: Base64, URLs, hashes."""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping

from tiercel.expression.callables import Filter, plain, wrong_input
from tiercel.expression.errors import ExpressionError
from tiercel.expression.text import to_string
from tiercel.expression.values import Value, name_of_type

_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-._")
# How form encoding spells each byte.
_FORM = ["+" if byte == 32 else chr(byte) if byte in _KEPT else f"%{byte:02X}" for byte in range(256)]
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
    return "".join(_FORM[byte] for byte in value.encode("utf-8", "replace"))


def _decode_url(value: Value) -> Value:
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong_input("urldecode", value, "a text")
    if broken := _BROKEN_ESCAPE.search(value):
        raise ExpressionError("value", f"`{value[broken.start() : broken.start() + 3]}` is no escape of a URL")
    spelled = value.replace("+", " ").encode("utf-8", "replace")
    return _ESCAPE.sub(lambda found: bytes.fromhex(found[1].decode()), spelled).decode("utf-8", "replace")


def _hash(owner: str) -> Filter:
    def run(value: Value) -> Value:
        if value is None:
            return None
        if not isinstance(value, str):
            raise wrong_input(owner, value, "a text; `| string` makes one")
        return hashlib.new(owner, value.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()

    return plain(run)


FILTERS: Mapping[str, Filter] = {
    "base64encode": plain(_encode_base64),
    "base64Encode": plain(_encode_base64),
    "base64decode": plain(_decode_base64),
    "base64Decode": plain(_decode_base64),
    "urlencode": plain(_encode_url),
    "urlEncode": plain(_encode_url),
    "urldecode": plain(_decode_url),
    "urlDecode": plain(_decode_url),
    "md5": _hash("md5"),
    "sha1": _hash("sha1"),
    "sha256": _hash("sha256"),
    "sha512": _hash("sha512"),
}
