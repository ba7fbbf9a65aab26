"""`@base64` and the like: how a value is written for another language."""

import base64
import binascii
from collections.abc import Callable, Mapping

from tiercel.expression.jq.errors import JqError
from tiercel.expression.jq.kinds import Json, is_array, is_object, kind_of, shown
from tiercel.expression.jq.values import to_json, to_text

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")
_URI = [chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in range(256)]
_HTML = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&quot;"})
_TSV = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _row(name: str, write: Callable[[Json], str], separator: str) -> Callable[[Json], str]:
    def format_row(value: Json) -> str:
        if not is_array(value):
            raise JqError(f"{shown(value)} cannot be {name}-formatted, only an array can be")
        items: list[Json] = value
        return separator.join(map(write, items))

    return format_row


def _cell(name: str, quote_text: Callable[[str], str]) -> Callable[[Json], str]:
    def write(value: Json) -> str:
        if isinstance(value, str):
            return quote_text(value)
        if isinstance(value, list | dict):
            raise JqError(f"{shown(value)} is not valid in a {name} row")
        return "" if value is None else to_json(value)

    return write


def _shell(value: Json) -> str:
    if is_array(value):
        items: list[Json] = value
        return " ".join(map(_shell, items))
    if is_object(value):
        raise JqError(f"{shown(value)} can not be escaped for shell")
    return "'" + value.replace("'", "'\\''") + "'" if isinstance(value, str) else to_json(value)


def _uri(value: Json) -> str:
    return "".join(_URI[byte] for byte in to_text(value).encode("utf-8", "replace"))


def _base64(value: Json) -> str:
    return base64.b64encode(to_text(value).encode("utf-8", "replace")).decode()


def _from_base64(value: Json) -> str:
    text = to_text(value).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise JqError(f"{kind_of(value)} ({to_json(value)}) is not valid base64 data") from None


def _base32(value: Json) -> str:
    return base64.b32encode(to_text(value).encode("utf-8", "replace")).decode()


def _from_base32(value: Json) -> str:
    try:
        return base64.b32decode(to_text(value)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        raise JqError(f"{kind_of(value)} ({to_json(value)}) is not valid base32 data") from None


FORMATS: Mapping[str, Callable[[Json], str]] = {
    "text": to_text,
    "json": to_json,
    "html": lambda value: to_text(value).translate(_HTML),
    "uri": _uri,
    "csv": _row("csv", _cell("csv", lambda text: '"' + text.replace('"', '""') + '"'), ","),
    "tsv": _row("tsv", _cell("tsv", lambda text: text.translate(_TSV)), "\t"),
    "sh": _shell,
    "base64": _base64,
    "base64d": _from_base64,
    "base32": _base32,
    "base32d": _from_base32,
}
