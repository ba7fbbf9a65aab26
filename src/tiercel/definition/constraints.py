"""What an input asks of its value beyond the type: pattern, bounds, allowed values. Words as the original's clients know them."""

from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, cast

import regex

from tiercel.definition.typed import Cause, cut, instant, read_date, read_duration, read_instant, read_time, text
from tiercel.model.durations import format_duration
from tiercel.model.flow import Input, InputType

_PATTERN_SECONDS = 1.0


def violations(given: Input, value: Any, *, allowed: Sequence[Any] | None) -> list[Cause]:
    """Everything that forbids a parsed value; `allowed` are the values of a SELECT, expression and all."""
    match given.type:
        case InputType.STRING:
            return _pattern(given, value)
        case InputType.SECRET:
            return [_of_secret(given, cause) for cause in _pattern(given, value)]
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


class _Words(NamedTuple):
    """What is said of a value below the lower and above the upper bound: in the original's words, then in ours."""

    low: str
    high: str
    below: str
    above: str


_LEAST_MOST = ("is less than {}, the least that is allowed", "is more than {}, the most that is allowed")
_MORE_LESS = _Words("it must be more than", "it must be less than", *_LEAST_MOST)
_MORE_LESS_SPAN = _Words("It must be more than", "It must be less than", *_LEAST_MOST)
_AFTER_BEFORE = _Words(
    "it must be after",
    "it must be before",
    "is before {}, the earliest that is allowed",
    "is after {}, the latest that is allowed",
)


def _bounds(
    value: Any, low: Any, high: Any, *, read: Callable[[Any], Any], show: Callable[[Any], str], words: _Words
) -> list[Cause]:
    """The bounds themselves are allowed, whatever the original's words say."""
    found, told = read(value), show(value)
    causes: list[Cause] = []
    if low is not None and found < read(low):
        causes.append(Cause(f"{words.low} `{show(low)}`", f"{told} {words.below.format(show(low))}"))
    if high is not None and found > read(high):
        causes.append(Cause(f"{words.high} `{show(high)}`", f"{told} {words.above.format(show(high))}"))
    return causes


def _show_span(bound: Any) -> str:
    return format_duration(read_duration(bound))


def _show_instant(bound: Any) -> str:
    return instant(read_instant(bound))


def _show_time(bound: Any) -> str:
    """Without seconds where there are none."""
    moment = read_time(bound)
    return moment.isoformat(timespec="auto" if moment.second or moment.microsecond else "minutes")


def _of_secret(given: Input, cause: Cause) -> Cause:
    """The original names the input once more; the value is not shown."""
    return Cause(f"{given.id}: {cause.words}", f"the secret does not match the pattern `{given.validator}`")


def _pattern(given: Input, value: Any) -> list[Cause]:
    pattern = given.validator
    if pattern is None:
        return []
    try:
        if regex.fullmatch(pattern, text(value), timeout=_PATTERN_SECONDS):
            return []
    except TimeoutError:
        return [_same(f"the pattern `{pattern}` takes too long on this value")]
    except regex.error as error:
        return [_same(f"the pattern `{pattern}` cannot be used: {error}")]
    meaning = f"`{cut(text(value))}` does not match the pattern `{pattern}` from its beginning to its end"
    return [Cause(f"it must match the pattern `{pattern}`", meaning)]


def _same(words: str) -> Cause:
    return Cause(words, words)


def _selected(given: Input, value: Any, allowed: Sequence[Any] | None) -> list[Cause]:
    if allowed is None or given.allow_custom_value or text(value) in _texts(allowed):
        return []
    return [Cause(f"it must match the values `{_shown(allowed)}`", _none_of(value, allowed))]


def _none_of(value: Any, allowed: Sequence[Any]) -> str:
    meant = get_close_matches(text(value), sorted(_texts(allowed)), n=1)
    hint = f"; did you mean `{meant[0]}`?" if meant else ""
    return f"`{cut(text(value))}` is none of the values to choose from: {cut(_shown(allowed)[1:-1])}{hint}"


def _all_selected(given: Input, value: Any, allowed: Sequence[Any] | None) -> list[Cause]:
    if allowed is None or given.allow_custom_value:
        return []
    known = _texts(allowed)
    return [
        Cause(f"value `{text(element)}` doesn't match the values `{_shown(allowed)}`", _none_of(element, allowed))
        for element in cast(list[Any], value)
        if text(element) not in known
    ]


def _texts(allowed: Sequence[Any]) -> set[str]:
    return {text(option(value)) for value in allowed}


def _shown(allowed: Sequence[Any]) -> str:
    return f"[{', '.join(text(option(value)) for value in allowed)}]"


def _extension(given: Input, value: Any) -> list[Cause]:
    name = text(value).rpartition("/")[2].lower()
    endings = [ending if ending.startswith(".") else f".{ending}" for ending in given.accept]
    if not endings or any(name.endswith(ending.lower()) for ending in endings):
        return []
    words = f"File type not allowed. Accepted extensions: {', '.join(given.accept)}"
    return [Cause(words, f"`{cut(name)}` does not end in {' or '.join(endings)}")]
