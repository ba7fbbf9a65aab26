"""The flows of a text that holds several, one after the other, divided by `---`; each knows where it begins."""

import re
from collections.abc import Callable, Iterable

import msgspec

from tiercel.definition.problem import Problem

_DIVIDER = re.compile(r"^---(?:[ \t]*\r?$|[ \t]+(?=#))\n?", re.MULTILINE)
_SAYING = re.compile(r"^[ \t]*[^\s#]", re.MULTILINE)
"""A line that is neither empty nor a comment."""


class Portion(msgspec.Struct, frozen=True):
    """The text of one flow."""

    text: str
    lines_before: int = 0
    """How many lines of the whole stand above it."""

    @property
    def says_something(self) -> bool:
        """Not so what stands before a `---` at the head of a file: nothing, or comments."""
        return _SAYING.search(self.text) is not None

    def placed(self, problems: Iterable[Problem]) -> tuple[Problem, ...]:
        """Its problems with the lines that they have in the whole."""
        return tuple(self._placed(problem) for problem in problems)

    def _placed(self, problem: Problem) -> Problem:
        if problem.line == 0 or self.lines_before == 0:
            return problem
        line, end_line = problem.line + self.lines_before, problem.end_line + self.lines_before
        return msgspec.structs.replace(problem, line=line, end_line=end_line)


def portions(text: str) -> tuple[Portion, ...]:
    """The flows of a text; none where nothing in it says anything."""
    return tuple(portion for portion, _ in _divided(text) if portion.says_something)


def split(text: str) -> tuple[str, ...]:
    """The texts of the flows alone."""
    return tuple(portion.text for portion in portions(text))


def each_flow(text: str, change: Callable[[Portion], str]) -> str:
    """The text with each of its flows changed; what divides them stays."""
    return "".join(
        (change(portion) if portion.says_something else portion.text) + divider for portion, divider in _divided(text)
    )


def _divided(text: str) -> list[tuple[Portion, str]]:
    """All that stands between dividers, each with the divider behind it."""
    found: list[tuple[Portion, str]] = []
    place = lines = 0
    for divider in _DIVIDER.finditer(text):
        found.append((Portion(text[place : divider.start()], lines), divider.group()))
        lines += text.count("\n", place, divider.end())
        place = divider.end()
    return [*found, (Portion(text[place:], lines), "")]
