"""What is wrong with the flows of a file, and how each thing can be mended."""

from collections.abc import Iterator, Sequence

import msgspec

from tiercel import definition
from tiercel.definition import Problem
from tiercel.definition.edits import offset_of
from tiercel.definition.fixing import edit_of
from tiercel.lsp.file import File, Part
from tiercel.services.catalog import PluginCatalog


class Place(msgspec.Struct, frozen=True):
    """A part of the file; lines and columns count from 0."""

    line: int
    start: int
    end_line: int
    end: int


class Fix(msgspec.Struct, frozen=True):
    """What to write instead, and where."""

    place: Place
    text: str


class Finding(msgspec.Struct, frozen=True):
    """One problem of a file."""

    problem: Problem
    place: Place
    fixes: tuple[Fix, ...] = ()
    """The first is certain where the problem itself says what to write; others are guesses."""


class Checker:
    """Finds the problems of files with one catalog."""

    def __init__(self, catalog: PluginCatalog) -> None:
        self._catalog = catalog
        self._defaults = definition.Defaults(resolve=catalog.resolve)

    def findings(self, file: File) -> list[Finding]:
        """All problems of all flows; what is no flow has none."""
        return [found for part in file.parts if part.is_flow for found in self._of_part(part)]

    def problems(self, text: str) -> tuple[Problem, ...]:
        """The problems of the text of one flow."""
        return definition.check(definition.read(text, defaults=self._defaults), self._catalog)

    def _of_part(self, part: Part) -> Iterator[Finding]:
        for problem in self.problems(part.text):
            meant = self._meant(problem, part)
            found = (_fix(msgspec.structs.replace(problem, fix=each), part) for each in meant)
            yield Finding(problem, _place(problem, part), tuple(fix for fix in found if fix is not None))

    def _meant(self, problem: Problem, part: Part) -> Sequence[str]:
        """What to write: as the problem says, or the types whose names are near."""
        if problem.fix is not None:
            return [problem.fix]
        if problem.code != "unknown-type" or problem.end_line != problem.line:
            return []
        line = part.sketch.lines[problem.line - 1]
        return self._catalog.suggestions(line[problem.column - 1 : problem.end_column - 1].strip("'\""))


def _place(problem: Problem, part: Part) -> Place:
    """What has no place is told at the first line of the flow."""
    line = max(problem.line, 1) - 1 + part.first_line
    start = max(problem.column, 1) - 1
    end_line = max(problem.end_line - 1 + part.first_line, line)
    end = problem.end_column - 1 if problem.end_column else start
    return Place(line, start, end_line, max(end, start + 1) if end_line == line else end)


def _fix(problem: Problem, part: Part) -> Fix | None:
    edit = edit_of(part.text, problem)
    if edit is None:
        return None
    line = problem.line - 1 + part.first_line
    begin = offset_of(part.text, problem.line, 1)
    return Fix(Place(line, edit.start - begin, line, edit.end - begin), edit.text)
