"""Regular expressions of jq: what was found where, by number and by name."""

from typing import Any, NamedTuple

import regex

from tiercel.expression.errors import ExpressionError
from tiercel.expression.jq.errors import JqError
from tiercel.expression.jq.kinds import Json, is_array, shown
from tiercel.expression.rendering import Rendering

_FLAGS = {"i": regex.IGNORECASE, "x": regex.VERBOSE, "s": regex.DOTALL, "l": regex.POSIX}


class Found(NamedTuple):
    start: int
    end: int
    names: dict[str, Json]
    """The texts of groups that have a name."""
    described: dict[str, Json]
    """As `match` gives it."""


def matches(rendering: Rendering, text: Json, expression: Json, flags: Json) -> list[Found]:
    """All matches with the flag `g`, the first one without. Raises JqError, and ExpressionError when it takes too long."""
    if is_array(expression):
        expression, flags = (*expression, flags)[:2]
    if not isinstance(text, str) or not isinstance(expression, str):
        raise JqError(f"{shown(text)} cannot be matched, as it is not a string")
    wanted = _checked(flags)
    compiled = _compiled(expression, wanted)
    found: list[Found] = []
    seconds = rendering.surroundings.budget.regex_seconds
    try:
        for match in compiled.finditer(text, timeout=seconds):
            rendering.spend()
            if "n" not in wanted or match.end() > match.start():
                found.append(_found(match))
            if "g" not in wanted and found:
                break
    except TimeoutError:
        raise ExpressionError("limit", f"the regular expression searches longer than {seconds} s") from None
    return found


def _checked(flags: Json) -> str:
    if flags is not None and not isinstance(flags, str):
        raise JqError(f"{shown(flags)} is not a string")
    if unknown := set(flags or "") - set("gnixslp"):
        raise JqError(f"{''.join(sorted(unknown))} is not a valid modifier string")
    return flags or ""


def _compiled(expression: str, flags: str) -> Any:
    options = regex.VERSION1
    for flag in flags.replace("p", "s"):
        options |= _FLAGS.get(flag, 0)
    try:
        return regex.compile(expression, options)
    except (regex.error, RecursionError, OverflowError) as error:
        raise JqError(f"{expression} (at offset 0) is not a valid regex: {error}") from None


def _found(match: Any) -> Found:
    names: dict[int, str] = {number: name for name, number in match.re.groupindex.items()}
    captures = [_capture(match, number, names.get(number)) for number in range(1, match.re.groups + 1)]
    described = {"offset": match.start(), "length": match.end() - match.start(), "string": match.group()}
    return Found(match.start(), match.end(), match.groupdict(), {**described, "captures": captures})


def _capture(match: Any, number: int, name: str | None) -> dict[str, Json]:
    text = match.group(number)
    return {"offset": match.start(number), "length": len(text or ""), "string": text, "name": name}
