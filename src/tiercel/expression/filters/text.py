"""Filters that turn text into other text."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from tiercel.expression.callables import About, Arguments, Filter, plain, wrong_input
from tiercel.expression.errors import ExpressionError
from tiercel.expression.regexes import replace_all
from tiercel.expression.text import to_string
from tiercel.expression.values import Value, is_list, is_map

_ELLIPSIS = "..."
_LINE_BREAK = re.compile(r"\r\n|\n\r|\n|\r")
# What the original trims: everything up to the blank.
_BLANKS = "".join(map(chr, range(33)))
_ESCAPES: Mapping[str, Mapping[str, str]] = {
    "single": {"'": "\\'"},
    "double": {'"': '\\"'},
    "shell": {"'": "'\\''"},
}


def _of_any(change: Callable[[str], str], about: About) -> Filter:
    """A filter that works on the text of anything; null stays null."""
    return plain(lambda value: None if value is None else change(to_string(value)), about)


def _of_text(owner: str, change: Callable[[str], str], about: About) -> Filter:
    """A filter that works on text only; null stays null."""
    return plain(lambda value: None if value is None else change(_text(owner, value)), about)


def _text(owner: str, value: Value) -> str:
    if not isinstance(value, str):
        raise wrong_input(owner, value, "a text; `| string` makes one")
    return value


def _capitalize(text: str) -> str:
    start = len(text) - len(text.lstrip())
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :]


def _title(text: str) -> str:
    return re.sub(r"(?<!\S)\S", lambda found: found.group().title(), text)


def _slugify(text: str) -> str:
    words = unicodedata.normalize("NFD", re.sub(r"\s", "-", text))
    letters = re.sub(r"[^\w-]", "", words, flags=re.ASCII).replace("_", "-")
    return re.sub(r"-{2,}", "-", letters).strip("-").lower()


def _abbreviate(value: Value, arguments: Arguments) -> Value:
    if value is None:
        return None
    text, length = _text("abbreviate", value), arguments.integer("length", "type")
    if length < 0:
        raise ExpressionError("value", "the argument `length` of `abbreviate` must not be negative")
    if len(text) < length or len(text) <= len(_ELLIPSIS):
        return text
    return text[:length] if length <= len(_ELLIPSIS) else text[: length - len(_ELLIPSIS)] + _ELLIPSIS


def _starts_with(value: Value, arguments: Arguments) -> bool:
    prefix = to_string(arguments.needed("value", "type"))
    return value is not None and to_string(value).startswith(prefix)


def _ends_with(value: Value, arguments: Arguments) -> bool:
    suffix = to_string(arguments.needed("value", "type"))
    return value is not None and to_string(value).endswith(suffix)


def _escape_char(value: Value, arguments: Arguments) -> Value:
    escapes = _ESCAPES.get(arguments.text("type").lower())
    if escapes is None:
        raise ExpressionError("argument", "the argument `type` of `escapeChar` must be single, double or shell")
    table = str.maketrans(dict(escapes))
    return _in_texts(value, lambda text: text.translate(table))


def _replace(value: Value, arguments: Arguments) -> Value:
    pairs = arguments.needed("replace_pairs")
    if not is_map(pairs):
        raise arguments.refused("replace_pairs", "a map of old and new texts", "type")
    return _in_texts(value, _replacer(pairs, arguments))


def _replacer(pairs: Mapping[Value, Value], arguments: Arguments) -> Callable[[str], str]:
    is_regexp = arguments.flag("regexp", False)

    def replace(text: str) -> str:
        for old, new in pairs.items():
            if is_regexp:
                text = replace_all(to_string(old), text, to_string(new), arguments.rendering)
            else:
                _refuse_growth(text, to_string(old), to_string(new), arguments)
                text = text.replace(to_string(old), to_string(new))
        return text

    return replace


def _refuse_growth(text: str, old: str, new: str, arguments: Arguments) -> None:
    arguments.rendering.make_room(len(text) + text.count(old) * max(0, len(new) - len(old)))


def _in_texts(value: Value, change: Callable[[str], str]) -> Value:
    """The value with its texts changed, inside lists and maps too; other scalars become text first."""
    if value is None:
        return None
    if is_map(value):
        return {key: _in_texts(item, change) for key, item in value.items()}
    if is_list(value):
        return [_in_texts(item, change) for item in value]
    return change(to_string(value))


FILTERS: Mapping[str, Filter] = {
    "upper": _of_any(
        str.upper, About("The text in capital letters.", "{{ 'ready' | upper }} → READY", "{{ 5 | upper }} → 5")
    ),
    "lower": _of_any(str.lower, About("The text in small letters.", "{{ 'Ready' | lower }} → ready")),
    "capitalize": _of_text(
        "capitalize",
        _capitalize,
        About("The text with its first letter a capital one.", "{{ 'daily REPORT' | capitalize }} → Daily REPORT"),
    ),
    "title": _of_text(
        "title",
        _title,
        About(
            "The text with a capital letter at the start of each word.", "{{ 'daily report' | title }} → Daily Report"
        ),
    ),
    "trim": _of_text(
        "trim",
        lambda text: text.strip(_BLANKS),
        About("The text without blanks and line breaks at its ends.", "{{ '  a b ' | trim }} → a b"),
    ),
    "nl2br": _of_text(
        "nl2br",
        lambda text: _LINE_BREAK.sub("<br />", text),
        About("The text with `<br />` for each line break.", '{{ "a\nb" | nl2br }} → a<br />b', since="2.0"),
    ),
    "slugify": _of_any(
        _slugify,
        About(
            "The text as part of an address: small letters, digits and single dashes.",
            "{{ 'Été à Paris!' | slugify }} → ete-a-paris",
        ),
    ),
    "string": _of_any(
        lambda text: text,
        About("The value as text, as `~` would join it.", "{{ (12.50 | string) ~ '!' }} → 12.5!", since="1.0"),
    ),
    "abbreviate": Filter(
        _abbreviate,
        "length",
        About(
            "The text cut to `length` characters, the last three of them dots.",
            "{{ 'a long sentence' | abbreviate(9) }} → a long...",
        ),
        missing="type",
    ),
    "startsWith": Filter(
        _starts_with,
        "value",
        About("Whether the text begins with another; null does not.", "{{ 'data.csv' | startsWith('data') }} → true"),
        missing="type",
    ),
    "endsWith": Filter(
        _ends_with,
        "value",
        About("Whether the text ends with another; null does not.", "{{ 'data.csv' | endsWith('.csv') }} → true"),
        missing="type",
    ),
    "escapeChar": Filter(
        _escape_char,
        "type",
        About(
            "The text for use between quotes: `single`, `double`, or `shell` (single quotes of a shell).",
            """{{ "it's" | escapeChar('shell') }} → it'\\''s""",
        ),
    ),
    "sh": plain(
        lambda value: None if value is None else to_string(value).replace("'", _ESCAPES["shell"]["'"]),
        About(
            "The text for use between single quotes of a shell.",
            """{{ "it's" | sh }} → it'\\''s""",
            until="preview",
            instead="escapeChar('shell')",
        ),
    ),
    "condense": _of_text(
        "condense",
        lambda text: text.replace("\n", ""),
        About("The text without line breaks.", '{{ "a\nb" | condense }} → ab', until="preview", instead="replace({…})"),
    ),
    "replace": Filter(
        _replace,
        "replace_pairs, regexp=false",
        About(
            "The text with each key of a map replaced by its value, in the order they stand there; in lists and maps too.",
            "{{ '2024/01/31' | replace({'/': '-'}) }} → 2024-01-31",
            "{{ 'a1b22' | replace({'[0-9]+': '#'}, regexp=true) }} → a#b#",
        ),
    ),
}
