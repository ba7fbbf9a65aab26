"""Mends what can be mended with certainty: each problem that says what to write in place of what it points at.

A fix is kept only where it takes its problem away and brings no error in: a flow never gets worse.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence

import msgspec

from tiercel.definition.edits import Edit, edited, offset_of
from tiercel.definition.problem import Problem, errors

Check = Callable[[str], Sequence[Problem]]
_QUOTES = ("'", '"')


class Fixed(msgspec.Struct, frozen=True):
    """A text, as it is after mending."""

    text: str
    done: tuple[Problem, ...]
    """The problems that are gone, as they were told before."""
    left: tuple[Problem, ...]
    """The problems that the text still has."""


def fix(text: str, check: Check, *, codes: Container[str] | None = None) -> Fixed:
    """Mend one problem after the other, until none is left that says how; with codes, only problems of these kinds."""
    left = tuple(check(text))
    done: list[Problem] = []
    refused: set[Edit] = set()
    while (found := _next(text, _wanted(left, codes), refused)) is not None:
        problem, edit = found
        candidate = edited(text, [edit])
        after = tuple(check(candidate))
        if _is_better(problem, left, after):
            done.append(problem)
            text, left, refused = candidate, after, {_moved(each, edit) for each in refused}
        else:
            refused.add(edit)
    return Fixed(text, tuple(done), left)


def _wanted(problems: Iterable[Problem], codes: Container[str] | None) -> Iterable[Problem]:
    return (problem for problem in problems if codes is None or problem.code in codes)


def _next(text: str, problems: Iterable[Problem], refused: set[Edit]) -> tuple[Problem, Edit] | None:
    for problem in problems:
        edit = edit_of(text, problem)
        if edit is not None and edit not in refused:
            return problem, edit
    return None


def edit_of(text: str, problem: Problem) -> Edit | None:
    """The change that a problem asks for, if it points at a part of one line. Quotes around the part stay."""
    if problem.fix is None or problem.line == 0 or problem.line != problem.end_line or "\n" in problem.fix:
        return None
    start, end = offset_of(text, problem.line, problem.column), offset_of(text, problem.line, problem.end_column)
    if text[start : start + 1] in _QUOTES and text[end - 1 : end] == text[start] and end - start >= 2:
        start, end = start + 1, end - 1
    return Edit(start, end, problem.fix) if text[start:end] != problem.fix else None


def _moved(edit: Edit, made: Edit) -> Edit:
    """An edit that was refused, where it stands after another one was made."""
    if edit.start < made.end:
        return edit
    by = len(made.text) - (made.end - made.start)
    return Edit(edit.start + by, edit.end + by, edit.text)


def _is_better(problem: Problem, before: Sequence[Problem], after: Sequence[Problem]) -> bool:
    had, has = _counted(errors(before)), _counted(errors(after))
    gone = (
        Counter(_name(each) for each in before)[_name(problem)] > Counter(_name(each) for each in after)[_name(problem)]
    )
    return gone and has <= had and len(after) < len(before)


def _counted(problems: Iterable[Problem]) -> Counter[tuple[str, int]]:
    """Errors by what they are and their line: paths and columns may change with a fix."""
    return Counter((problem.code, problem.line) for problem in problems)


def _name(problem: Problem) -> tuple[str, int, str]:
    return problem.code, problem.line, problem.message
