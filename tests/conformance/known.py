"""The types by which flows of others are judged: those of this tree, those the ecosystem knows, and those of the cases."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from tiercel.definition import Problem, PropertyProblem
from tiercel.services.catalog import PluginCatalog

_OF_TESTS = ("io.kestra.core.tasks.test.", "io.kestra.core.runners.")
_MARKS = ("Test$", ".test.", "Tests$")


class EveryType:
    """The installed types; what exists only in tests of the original is taken as known, whatever it holds."""

    def __init__(self) -> None:
        self._installed = PluginCatalog.installed()

    def resolve(self, name: str) -> str | None:
        return name if _is_of_tests(name) else self._installed.resolve(name)

    def kind(self, name: str) -> str | None:
        return self._installed.kind(name)

    def problems(self, name: str, properties: Mapping[str, Any]) -> Sequence[PropertyProblem]:
        return self._installed.problems(name, properties)

    def outputs(self, name: str) -> Sequence[str] | None:
        return self._installed.outputs(name)

    def suggestions(self, name: str) -> Sequence[str]:
        return self._installed.suggestions(name)

    def missing_extra(self, name: str) -> str | None:
        return self._installed.missing_extra(name)


@cache
def every_type() -> EveryType:
    return EveryType()


def _is_of_tests(name: str) -> bool:
    return name.startswith(_OF_TESTS) or any(mark in name for mark in _MARKS)


def of_the_flow(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Without those that only say that a type is not installed here."""
    return tuple(problem for problem in problems if problem.code != "not-installed")
