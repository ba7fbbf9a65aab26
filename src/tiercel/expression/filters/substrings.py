"""Filters that cut text at a separator, and those that indent it."""

import re
from collections.abc import Callable, Mapping

from tiercel.expression.callables import About, Arguments, Filter
from tiercel.expression.errors import ExpressionError
from tiercel.expression.text import to_string
from tiercel.expression.values import Value

_LINE_BREAK = re.compile(r"\r\n|\n\r|\n|\r")


def _cut(cut: Callable[[str, str], str], without_separator: Callable[[str], str], about: About) -> Filter:
    """A filter that cuts at a separator, which must be written; for null it gives what the original gives."""

    def run(value: Value, arguments: Arguments) -> Value:
        if value is None:
            return None
        separator = arguments.optional_text("separator", "type")
        text = to_string(value)
        return without_separator(text) if separator is None else cut(text, separator)

    return Filter(run, "separator", about)


def _before(text: str, separator: str) -> str:
    return text.partition(separator)[0] if separator else ""


def _after(text: str, separator: str) -> str:
    return text.partition(separator)[2] if separator else text


def _before_last(text: str, separator: str) -> str:
    return text[: text.rfind(separator)] if separator and separator in text else text


def _after_last(text: str, separator: str) -> str:
    return text[text.rfind(separator) + len(separator) :] if separator and separator in text else ""


def _indent(value: Value, arguments: Arguments) -> Value:
    prefix = _prefix(arguments)
    if value is None:
        return None
    return _indented(to_string(value), prefix, arguments)


def _nindent(value: Value, arguments: Arguments) -> Value:
    prefix = _prefix(arguments)
    if value is None:
        return None
    text = to_string(value)
    found = _LINE_BREAK.search(text)
    line_break = found.group() if found else "\n"
    return line_break + prefix + _indented(text, prefix, arguments) if text else ""


def _prefix(arguments: Arguments) -> str:
    amount = arguments.integer("amount")
    if amount < 0:
        raise ExpressionError("argument", f"the argument `amount` of `{arguments.owner}` must not be negative")
    prefix = to_string(arguments.get("prefix", " "))
    _refuse_growth(amount * len(prefix), arguments)
    return prefix * amount


def _indented(text: str, prefix: str, arguments: Arguments) -> str:
    _refuse_growth(len(text) + len(_LINE_BREAK.findall(text)) * len(prefix), arguments)
    return _LINE_BREAK.sub(lambda found: found.group() + prefix, text)


def _refuse_growth(length: int, arguments: Arguments) -> None:
    arguments.rendering.make_room(length)


FILTERS: Mapping[str, Filter] = {
    "substringBefore": _cut(
        _before,
        lambda text: text,
        About(
            "The text before the first separator; all of it where there is none.",
            "{{ 'a.b.c' | substringBefore('.') }} → a",
        ),
    ),
    "substringBeforeLast": _cut(
        _before_last,
        lambda text: text,
        About(
            "The text before the last separator; all of it where there is none.",
            "{{ 'a.b.c' | substringBeforeLast('.') }} → a.b",
        ),
    ),
    "substringAfter": _cut(
        _after,
        lambda _: "",
        About(
            "The text after the first separator; nothing where there is none.",
            "{{ 'a.b.c' | substringAfter('.') }} → b.c",
        ),
    ),
    "substringAfterLast": _cut(
        _after_last,
        lambda _: "",
        About(
            "The text after the last separator; nothing where there is none.",
            "{{ 'a.b.c' | substringAfterLast('.') }} → c",
        ),
    ),
    "indent": Filter(
        _indent,
        "amount, prefix=' '",
        About(
            "The text with `amount` times the prefix after each line break.",
            '{{ "a\nb" | indent(2) }} → a\n  b',
        ),
    ),
    "nindent": Filter(
        _nindent,
        "amount, prefix=' '",
        About(
            "A line break, then the text with `amount` times the prefix before each line.",
            '{{ "a\nb" | nindent(2) }} → \n  a\n  b',
        ),
    ),
}
