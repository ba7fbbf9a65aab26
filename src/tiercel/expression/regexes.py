"""Regular expressions as flows write them, in Java's notation, with a limit on the time they search.

`\\w`, `\\d` and the like mean ASCII, as there. What the two notations spell differently is translated.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

import regex

from tiercel.expression.costs import CHARACTERS_A_STEP
from tiercel.expression.errors import ExpressionError
from tiercel.expression.extent import too_long
from tiercel.expression.rendering import Rendering

Match: TypeAlias = Any
Result = TypeVar("Result")

_BLANK = r"[ \t\xA0\u1680\u180E\u2000-\u200A\u202F\u205F\u3000]"
_TRANSLATIONS = {
    r"\h": _BLANK,
    r"\R": r"(?:\r\n|[\n\x0B\x0C\r\x85\u2028\u2029])",
    r"\z": r"\Z",
    r"\Z": r"(?=\n?\Z)",
}
_MEANINGFUL = frozenset("\\^$.|?*+()[]{}&-~#")
_SPELLED_DIFFERENTLY = regex.compile(r"\\Q(?P<quoted>.*?)(?:\\E|\Z)|\\.", regex.DOTALL)
_PIECE = regex.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{\s*(?P<least>\d+)\s*(?:,\s*(?P<most>\d*)\s*)?\}|.", regex.DOTALL)
_LARGEST_SIZE = 50_000
"""Of a regular expression whose counts are written out."""
_LONGEST_PATTERN = 2000
_LEAST_SECONDS = 0.001
_STEPS_A_MATCH = 2
_REPLACEMENT = regex.compile(
    r"\\(?P<escaped>.)|\$\{(?P<name>\w+)\}|\$(?P<digits>\d+)|(?P<stray>[\\$])|[^\\$]+", regex.DOTALL
)


def find(pattern: str, text: str, rendering: Rendering) -> Match | None:
    """The first match."""
    compiled = _compiled(pattern)
    return _within_time(lambda seconds: compiled.search(text, timeout=seconds), rendering)


def replace_all(pattern: str, text: str, replacement: str, rendering: Rendering) -> str:
    """The text with every match replaced; `$1` and `${name}` are groups, a backslash takes the next character as it is."""
    compiled = _compiled(pattern)
    parts = _replacement_parts(replacement, compiled.groups)

    length = len(text)

    def expand(found: Match) -> str:
        nonlocal length
        written = "".join(part if isinstance(part, str) else part(found) or "" for part in parts)
        length += len(written)
        if length > rendering.budget.output:
            raise too_long(rendering.budget.output)
        rendering.spend(_STEPS_A_MATCH + len(written) // CHARACTERS_A_STEP)
        return written

    def substitute(seconds: float) -> str:
        return compiled.sub(expand, text, timeout=seconds)

    return _within_time(substitute, rendering)


def split(pattern: str, text: str, limit: int, rendering: Rendering) -> list[str]:
    """The text between matches: at most `limit` parts when positive; 0 drops empty ones at the end."""
    compiled = _compiled(pattern)
    parts = _within_time(
        lambda seconds: [
            rendering.weigh(part, "split") for part in _parts(_paid(compiled, text, seconds, rendering), text, limit)
        ],
        rendering,
    )
    rendering.admit(parts)
    if limit == 0 and len(parts) > 1:
        while parts and not parts[-1]:
            parts.pop()
    return parts


def _paid(compiled: Any, text: str, seconds: float, rendering: Rendering) -> Iterator[Match]:
    """The matches, each of them paid for: with its part it takes some hundred bytes."""
    for found in compiled.finditer(text, timeout=seconds):
        rendering.spend_and_hold()
        yield found


def _parts(matches: Iterator[Match], text: str, limit: int) -> Iterator[str]:
    start, count = 0, 1
    for found in matches:
        if count == limit:
            break
        is_empty_at_an_end = found.end() == 0 or (found.start() == found.end() == len(text))
        if is_empty_at_an_end:
            continue
        yield text[start : found.start()]
        start, count = found.end(), count + 1
    yield text[start:]


def _compiled(pattern: str) -> Any:
    if len(pattern) > _LONGEST_PATTERN:
        raise ExpressionError("limit", f"the regular expression has more than {_LONGEST_PATTERN} characters")
    return _kept(pattern)


@lru_cache(512)
def _kept(pattern: str) -> Any:
    _refuse_large_counts(pattern)
    translated = _SPELLED_DIFFERENTLY.sub(_translate, pattern)
    try:
        return regex.compile(translated, regex.VERSION1 | regex.ASCII)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ExpressionError("value", f"`{pattern[:200]}` is no regular expression: {error}") from None


def _refuse_large_counts(pattern: str) -> None:
    """`(a{1000}){1000}` is short and takes gigabytes: counts within one another multiply."""
    sizes, last = [0], 0
    for found in _PIECE.finditer(pattern):
        if found.group() == "(":
            sizes.append(0)
        elif found.group() == ")" and len(sizes) > 1:
            last = sizes.pop()
            sizes[-1] += last
        elif found["least"]:
            times = max(int(found["least"][:9]), int((found["most"] or "0")[:9]))
            sizes[-1] += last * times
            last *= times
        else:
            last = 1
            sizes[-1] += 1
        if sizes[-1] > _LARGEST_SIZE:
            raise ExpressionError("limit", "the counts `{…}` of the regular expression come to too much together")


def _translate(found: Match) -> str:
    quoted: str | None = found["quoted"]
    spelled: str = found.group()
    return _TRANSLATIONS.get(spelled, spelled) if quoted is None else _escape(quoted)


def _escape(text: str) -> str:
    return "".join(f"\\{character}" if character in _MEANINGFUL else character for character in text)


def _replacement_parts(replacement: str, groups: int) -> list[str | Callable[[Match], str | None]]:
    parts: list[str | Callable[[Match], str | None]] = []
    for found in _REPLACEMENT.finditer(replacement):
        if found["stray"]:
            raise ExpressionError("value", f"`{found['stray']}` in the replacement `{replacement}` names no group")
        if found["digits"] is not None:
            parts.extend(_numbered_group(found["digits"], groups))
        elif found["name"] is not None:
            parts.append(_group(found["name"]))
        else:
            parts.append(found["escaped"] or found.group())
    return parts


def _numbered_group(digits: str, groups: int) -> list[str | Callable[[Match], str | None]]:
    """`$12` is group 12 if there is one, and group 1 before a 2 otherwise."""
    length = next((size for size in range(len(digits), 0, -1) if int(digits[:size]) <= groups), 0)
    if not length:
        raise ExpressionError("value", f"there is no group {digits[0]} in the regular expression")
    return [_group(int(digits[:length])), digits[length:]]


def _group(name: int | str) -> Callable[[Match], str | None]:
    def take(found: Match) -> str | None:
        try:
            return found[name]
        except IndexError:
            raise ExpressionError("value", f"there is no group {name} in the regular expression") from None

    return take


def _within_time(search: Callable[[float], Result], rendering: Rendering) -> Result:
    meter, stopwatch = rendering.meter, rendering.surroundings.stopwatch
    started = stopwatch() if stopwatch else 0.0
    try:
        return search(max(rendering.budget.regex_seconds - meter.seconds, _LEAST_SECONDS))
    except TimeoutError:
        most = rendering.budget.regex_seconds
        raise ExpressionError("limit", f"regular expressions search longer than {most} s") from None
    finally:
        meter.seconds += stopwatch() - started if stopwatch else 0.0
