"""Values of inputs and outputs: what each type takes, and the plain data it keeps.

A value comes as a text (a form, an API call, a rendered expression) or already typed. What is kept is JSON: moments as
ISO-8601 texts in UTC, durations as `PT…`, files as URIs, secrets encrypted.
"""

import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

import msgspec

from tiercel.definition.build import Builder
from tiercel.definition.yaml import compose
from tiercel.expression import to_text
from tiercel.model.durations import format_duration, parse_iso_duration
from tiercel.model.flow import InputType
from tiercel.model.sealed import NO_KEY, Encrypt
from tiercel.model.surrogates import holds_half, whole

TEXTUAL = frozenset({InputType.STRING, InputType.SECRET, InputType.EMAIL, InputType.SELECT, InputType.ENUM})
"""Types for which an empty text is a value like others."""
FILE_SCHEMES = ("kestra://", "nsfile://", "file://")
_INT_LIMIT = 2**31
_SHOWN = 100
_HALF = "it holds half a surrogate pair, which is no text: in JSON, write both halves (`\\ud83d\\ude00`) or the character itself"
_FLOAT_DIGITS = range(6, 10)
_URI = re.compile(r"[a-z][a-z0-9+.-]*://\S+")
_EMAIL = re.compile(r"(?:[^@\s()<>\[\]:;,\"\\]+@[a-zA-Z0-9.-]+)?")


class Cause(msgspec.Struct, frozen=True):
    """Why a value is not taken."""

    words: str
    """In the words of the original, which clients match on."""
    meaning: str
    """In our own: what is wrong, and what would be right."""


class Refused(ValueError):
    """A value that its type does not take; the text says why."""

    def __init__(self, words: str, meaning: str | None = None) -> None:
        super().__init__(whole(words))
        self.cause = Cause(whole(words), whole(meaning or words))


def parse(kind: InputType, value: Any, *, item: InputType | None = None, encrypt: Encrypt | None = None) -> Any:
    """The value as its type keeps it. Raises Refused. `item` is the type of a list's elements; without one they stay."""
    try:
        parsed = _parsed(kind, value, item, encrypt)
        if holds_half(parsed):
            raise Refused(_HALF)
    except RecursionError:
        raise Refused("it is nested too deeply") from None
    return parsed


def _parsed(kind: InputType, value: Any, item: InputType | None, encrypt: Encrypt | None) -> Any:
    if kind is InputType.ARRAY:
        return _elements(value, item, encrypt=encrypt)
    if kind is InputType.MULTISELECT:
        return _elements(value, item or InputType.STRING, encrypt=encrypt)
    if kind is InputType.SECRET:
        return _secret(text(value), encrypt)
    return _PARSERS[kind](value)


def text(value: Any) -> str:
    """A value as the text that the original makes of it."""
    return value if isinstance(value, str) else to_text(value)


def plain(value: Any) -> Any:
    """The value as JSON has it."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str(value)
        case datetime():
            return instant(value)
        case date() | time():
            return value.isoformat()
        case timedelta():
            return format_duration(value)
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case Mapping():
            return {str(key): plain(inner) for key, inner in cast(Mapping[Any, Any], value).items()}
        case list() | tuple() | AbstractSet():
            return [plain(inner) for inner in cast(Sequence[Any], value)]
        case _:
            return text(value)


def instant(moment: datetime) -> str:
    """`2019-10-06T18:27:49Z`, with three or six digits where there is a fraction."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    utc = aware.astimezone(UTC).replace(tzinfo=None)
    if utc.microsecond == 0:
        return f"{utc.isoformat()}Z"
    return f"{utc.isoformat(timespec='microseconds').removesuffix('000')}Z"


def _int(value: Any) -> int:
    written = text(value)
    if not re.fullmatch(r"[+-]?[0-9]{1,100}", written):
        raise _no_number(written, f"`{cut(written)}` is no whole number")
    if not -_INT_LIMIT <= int(written) < _INT_LIMIT:
        raise _no_number(
            written, f"{cut(written)} is too large: an INT lies between {-_INT_LIMIT} and {_INT_LIMIT - 1}"
        )
    return int(written)


def _no_number(written: str, meaning: str) -> Refused:
    return Refused(f'For input string: "{written}"', meaning)


def cut(written: str) -> str:
    """A value as messages show it."""
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def _float(value: Any) -> float:
    """32 bit, as the original keeps it, in the fewest digits that name the same number."""
    written = text(value).strip()
    try:
        single = struct.unpack("f", struct.pack("f", float(written)))[0]
    except (ValueError, OverflowError):
        raise _no_number(written, f"`{cut(written)}` is no number of 32 bits") from None
    if single in (float("inf"), float("-inf")) or single != single or "_" in written:
        raise _no_number(written, f"`{cut(written)}` is no number of 32 bits")
    shortest = (float(f"{single:.{digits}g}") for digits in _FLOAT_DIGITS)
    return next((number for number in shortest if struct.pack("f", number) == struct.pack("f", single)), single)


def _bool(value: Any) -> bool:
    match value:
        case bool():
            return value
        case str() if value.lower() in ("true", "false"):
            return value.lower() == "true"
        case _:
            raise Refused(f"it must be `true` or `false`, it is `{text(value)}`")


def _datetime(value: Any) -> str:
    return instant(read_instant(value))


def read_instant(value: Any) -> datetime:
    """A moment: a text needs its offset."""
    moment = value if isinstance(value, datetime) else _iso(datetime, value, "a date and time")
    if moment.tzinfo is None:
        raise Refused(f"`{text(value)}` has no offset: write for example 2024-12-31T23:59:59Z")
    return moment


def read_date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else _iso(date, value, "a date", pattern=r"\d{4}-\d\d-\d\d")


def read_time(value: Any) -> time:
    if isinstance(value, time):
        return value
    return _iso(time, value, "a time", pattern=r"\d\d:\d\d(:\d\d(\.\d{1,9})?)?")


def read_duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        return parse_iso_duration(text(value))
    except ValueError as error:
        raise Refused(str(error)) from None


def _iso(kind: Any, value: Any, name: str, *, pattern: str = r"\d{4}-\d\d-\d\dT[0-9:.,]+(Z|[+-][0-9:]+)?") -> Any:
    """A date or time from its text; of nine digits of a fraction six are kept."""
    written = text(value).strip()
    shortened = re.sub(r"([.,]\d{6})\d+", r"\1", written)
    if re.fullmatch(pattern, written):
        try:
            return kind.fromisoformat(shortened)
        except ValueError:
            pass
    raise Refused(f"`{written}` is not {name}: write for example {_EXAMPLES[name]}")


_EXAMPLES = {"a date and time": "2024-12-31T23:59:59Z", "a date": "2024-12-31", "a time": "23:59:59"}


def _file(value: Any) -> str:
    written = text(value)
    if not written.startswith(FILE_SCHEMES):
        raise Refused(f"`{written}` is not the URI of a file: it begins with {', '.join(FILE_SCHEMES)}")
    return written


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return plain(value)
    try:
        return json.loads(value, parse_constant=_no_constant)
    except ValueError as error:
        raise Refused(f"this is no JSON: {error}") from None


def _no_constant(word: str) -> Any:
    """`NaN` and `Infinity`: Python reads them, nobody else does."""
    raise ValueError(f"{word} is no value of JSON")


def _yaml(value: Any) -> Any:
    if not isinstance(value, str):
        return plain(value)
    try:
        root = compose(value)
        builder = None if root is None else Builder(value, root)
        parsed = None if root is None or builder is None else builder.build(root)
    except Exception as error:  # noqa: BLE001 - whatever the parser refuses is the value's fault
        raise Refused(f"this is no YAML: {error}") from None
    if builder is not None and builder.problems:
        raise Refused(f"this is no YAML: {builder.problems[0].message}")
    return parsed


def _uri(value: Any) -> str:
    written = text(value)
    if not _URI.fullmatch(written):
        raise Refused("Invalid URI format.", f"`{cut(written)}` is no address: write for example https://example.org/a")
    return written


def _email(value: Any) -> str:
    written = text(value)
    if not _EMAIL.fullmatch(written):
        raise Refused("The input must be a valid email", f"`{cut(written)}` is no e-mail address")
    return written


def _secret(value: str, encrypt: Encrypt | None) -> Any:
    if encrypt is None:
        raise Refused(f"Unable to use a `SECRET` input/output as {NO_KEY}")
    return dict(encrypt(value))


def _elements(value: Any, item: InputType | None, *, encrypt: Encrypt | None) -> list[Any]:
    listed = _json(value) if isinstance(value, str) else value
    if not isinstance(listed, list | tuple | AbstractSet):
        raise Refused(f"it must be a list, or the JSON text of one; it is `{text(value)}`")
    if item is None:
        return cast(list[Any], plain(listed))
    return [_element(element, item, encrypt=encrypt) for element in cast(Sequence[Any], listed)]


def _element(value: Any, item: InputType, *, encrypt: Encrypt | None) -> Any:
    try:
        return parse(item, value, encrypt=encrypt)
    except Refused as error:
        words = f"Unable to parse array element as `{item}` on `{text(value)}`"
        raise Refused(words, f"an entry is not taken: {error.cause.meaning}") from None


def _mapping(value: Any) -> Any:
    parsed = _json(value)
    if not isinstance(parsed, dict):
        raise Refused(f"it must be a mapping of its inputs, it is `{text(value)}`")
    return cast(dict[str, Any], parsed)


_PARSERS: dict[InputType, Callable[[Any], Any]] = {
    InputType.STRING: text,
    InputType.SELECT: text,
    InputType.ENUM: text,
    InputType.INT: _int,
    InputType.FLOAT: _float,
    InputType.BOOL: _bool,
    InputType.BOOLEAN: _bool,
    InputType.DATETIME: _datetime,
    InputType.DATE: lambda value: read_date(value).isoformat(),
    InputType.TIME: lambda value: read_time(value).isoformat(),
    InputType.DURATION: lambda value: format_duration(read_duration(value)),
    InputType.FILE: _file,
    InputType.JSON: _json,
    InputType.YAML: _yaml,
    InputType.URI: _uri,
    InputType.EMAIL: _email,
    InputType.FORM: _mapping,
    InputType.REUSABLE_INPUTS: _mapping,
}
