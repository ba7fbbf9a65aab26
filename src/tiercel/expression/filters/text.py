"""Filters that turn text into other text."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from tiercel.expression.callables import Arguments, Filter, plain, wrong_input
from tiercel.expression.errors import ExpressionError
from tiercel.expression.extent import ensure_walkable
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


def _of_any(change: Callable[[str], str]) -> Filter:
    """A filter that works on the text of anything; null stays null."""
    return plain(lambda value: None if value is None else change(to_string(value)))


def _of_text(owner: str, change: Callable[[str], str]) -> Filter:
    """A filter that works on text only; null stays null."""
    return plain(lambda value: None if value is None else change(_text(owner, value)))


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
    grown = len(text) + text.count(old) * max(0, len(new) - len(old))
    if grown > arguments.rendering.surroundings.budget.output:
        raise ExpressionError("limit", f"`{arguments.owner}` would make a text of {grown} characters")


def _in_texts(value: Value, change: Callable[[str], str]) -> Value:
    """The value with its texts changed, inside lists and maps too; other scalars become text first."""
    ensure_walkable(value)
    return _changed(value, change)


def _changed(value: Value, change: Callable[[str], str]) -> Value:
    if value is None:
        return None
    if is_map(value):
        return {key: _changed(item, change) for key, item in value.items()}
    if is_list(value):
        return [_changed(item, change) for item in value]
    return change(to_string(value))


FILTERS: Mapping[str, Filter] = {
    "upper": _of_any(str.upper),
    "lower": _of_any(str.lower),
    "capitalize": _of_text("capitalize", _capitalize),
    "title": _of_text("title", _title),
    "trim": _of_text("trim", lambda text: text.strip(_BLANKS)),
    "nl2br": _of_text("nl2br", lambda text: _LINE_BREAK.sub("<br />", text)),
    "slugify": _of_any(_slugify),
    "string": _of_any(lambda text: text),
    "abbreviate": Filter(_abbreviate, ("length",)),
    "startsWith": Filter(_starts_with, ("value",)),
    "endsWith": Filter(_ends_with, ("value",)),
    "escapeChar": Filter(_escape_char, ("type",)),
    "replace": Filter(_replace, ("replace_pairs", "regexp")),
}
