"""What an input asks of its value beyond the type: pattern, bounds, allowed values. Words as the original's clients know them."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import regex

from tiercel.definition.typed import instant, read_date, read_duration, read_instant, read_time, text
from tiercel.model.durations import format_duration
from tiercel.model.flow import Input, InputType

_PATTERN_SECONDS = 1.0


def violations(given: Input, value: Any, *, allowed: Sequence[Any] | None) -> list[str]:
    """Everything that forbids a parsed value; `allowed` are the values of a SELECT, expression and all."""
    match given.type:
        case InputType.STRING:
            return _pattern(given, value)
        case InputType.SECRET:
            return [f"{given.id}: {words}" for words in _pattern(given, value)]
        case InputType.INT | InputType.FLOAT:
            return _bounds(value, given.min, given.max, read=float, show=text, words=_MORE_LESS)
        case InputType.DURATION:
            return _bounds(value, given.min, given.max, read=read_duration, show=_show_span, words=_MORE_LESS_SPAN)
        case InputType.DATETIME:
            return _bounds(value, given.after, given.before, read=read_instant, show=_show_instant, words=_AFTER_BEFORE)
        case InputType.DATE:
            return _bounds(value, given.after, given.before, read=read_date, show=text, words=_AFTER_BEFORE)
        case InputType.TIME:
            return _bounds(value, given.after, given.before, read=read_time, show=_show_time, words=_AFTER_BEFORE)
        case InputType.SELECT | InputType.ENUM:
            return _selected(given, value, allowed)
        case InputType.MULTISELECT:
            return _all_selected(given, value, allowed)
        case InputType.FILE:
            return _extension(given, value)
        case _:
            return []


def option(value: Any) -> Any:
    """What the flow receives of an entry of `values`: the entry, or its value where it has a label."""
    if isinstance(value, dict):
        return cast(dict[str, Any], value).get("value")
    return value


_MORE_LESS = ("it must be more than", "it must be less than")
_MORE_LESS_SPAN = ("It must be more than", "It must be less than")
_AFTER_BEFORE = ("it must be after", "it must be before")


def _bounds(
    value: Any,
    low: Any,
    high: Any,
    *,
    read: Callable[[Any], Any],
    show: Callable[[Any], str],
    words: tuple[str, str],
) -> list[str]:
    found = read(value)
    too_low = [f"{words[0]} `{show(low)}`"] if low is not None and found < read(low) else []
    too_high = [f"{words[1]} `{show(high)}`"] if high is not None and found > read(high) else []
    return too_low + too_high


def _show_span(bound: Any) -> str:
    return format_duration(read_duration(bound))


def _show_instant(bound: Any) -> str:
    return instant(read_instant(bound))


def _show_time(bound: Any) -> str:
    """Without seconds where there are none."""
    moment = read_time(bound)
    return moment.isoformat(timespec="auto" if moment.second or moment.microsecond else "minutes")


def _pattern(given: Input, value: Any) -> list[str]:
    if given.validator is None:
        return []
    try:
        if regex.fullmatch(given.validator, text(value), timeout=_PATTERN_SECONDS):
            return []
    except TimeoutError:
        return [f"the pattern `{given.validator}` takes too long on this value"]
    except regex.error as error:
        return [f"the pattern `{given.validator}` cannot be used: {error}"]
    return [f"it must match the pattern `{given.validator}`"]


def _selected(given: Input, value: Any, allowed: Sequence[Any] | None) -> list[str]:
    if allowed is None or given.allow_custom_value or text(value) in _texts(allowed):
        return []
    return [f"it must match the values `{_shown(allowed)}`"]


def _all_selected(given: Input, value: Any, allowed: Sequence[Any] | None) -> list[str]:
    if allowed is None or given.allow_custom_value:
        return []
    known = _texts(allowed)
    return [
        f"value `{text(element)}` doesn't match the values `{_shown(allowed)}`"
        for element in cast(list[Any], value)
        if text(element) not in known
    ]


def _texts(allowed: Sequence[Any]) -> set[str]:
    return {text(option(value)) for value in allowed}


def _shown(allowed: Sequence[Any]) -> str:
    return f"[{', '.join(text(option(value)) for value in allowed)}]"


def _extension(given: Input, value: Any) -> list[str]:
    name = text(value).rpartition("/")[2].lower()
    endings = [ending if ending.startswith(".") else f".{ending}" for ending in given.accept]
    if not endings or any(name.endswith(ending.lower()) for ending in endings):
        return []
    return [f"File type not allowed. Accepted extensions: {', '.join(given.accept)}"]
