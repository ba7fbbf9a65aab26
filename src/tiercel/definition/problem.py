"""What is wrong with a definition, where, and what to do about it. Problems are collected; nothing here is raised."""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from tiercel.model.record import Record

Path = tuple[str | int, ...]
"""The way to a value: names of properties and places in lists."""

MOST_PROBLEMS = 200
"""How many of one kind are told at once."""


class Severity(StrEnum):
    ERROR = "ERROR"
    """The definition cannot be used."""
    WARNING = "WARNING"
    """It can be used, and will probably not do what was meant."""
    INFO = "INFO"
    """It works; there is a better way to write it."""


class Problem(Record, frozen=True):
    """One thing that is wrong. Lines and columns count from 1; 0 where there is no place to point at."""

    code: str
    """A stable word for programs: `unknown-property`, `duplicate-id` …"""
    message: str
    """What is wrong and what to do, for people."""
    path: str = ""
    """`tasks[0].message`; empty for the flow as a whole."""
    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0
    severity: Severity = Severity.ERROR
    legacy: str | None = None
    """The original's words, a line for each thing it says: what its clients match on. Empty: said already elsewhere."""
    legacy_path: str | None = None
    """What the original puts before these words, a line for each place; None: nothing, for it stopped reading there."""
    fix: str | None = None
    """The text to put in place of the one that is pointed at."""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def text_of(path: Iterable[str | int]) -> str:
    """`tasks[0].message` for ("tasks", 0, "message")."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def sort(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, in the order of the lines; those without a line last."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.line or 1 << 30, problem.column)))


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those that forbid using the definition."""
    return tuple(problem for problem in problems if problem.is_error)


_INVALID_FLOW = "Invalid Flow: "


def legacy_text(problems: Sequence[Problem]) -> str | None:
    """What `constraints` of a validation answer carries: None where nothing is refused."""
    body = legacy_body(problems)
    return None if body is None else f"Validation error: {body.removeprefix(':')}"


def legacy_body(problems: Sequence[Problem]) -> str | None:
    """The errors as the original lists them: what stopped its reading, otherwise one line a constraint."""
    refused = errors(problems)
    stopped = [problem.legacy or problem.message for problem in refused if problem.legacy_path is None]
    if stopped:
        return "\n".join(stopped)
    return "".join(f"{line}\n" for line in _constraints(refused)) or None


def _constraints(refused: Sequence[Problem]) -> list[str]:
    """`path: words`, where everything said of the flow as a whole is one line."""
    lines = [
        f"{path}: {line}"
        for problem in refused
        if problem.legacy != "" and not _is_of_flow(problem)
        for path in (problem.legacy_path or "").split("\n")
        for line in (problem.legacy or problem.message).split("\n")
    ]
    of_flow = [(problem.legacy or "").removeprefix(_INVALID_FLOW) for problem in refused if _is_of_flow(problem)]
    return lines + ([f": {_INVALID_FLOW}{', '.join(of_flow)}"] if of_flow else [])


def _is_of_flow(problem: Problem) -> bool:
    return (problem.legacy or "").startswith(_INVALID_FLOW)
