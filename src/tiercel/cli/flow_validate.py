"""`tiercel flow validate`: everything that is wrong with flows, and, with `--fix`, what can be mended."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
from cyclopts import Parameter

from tiercel import definition
from tiercel.cli.flow_files import (
    BAD,
    GOOD,
    NOT_USABLE,
    STDIN,
    Paths,
    Source,
    print_diff,
    sources,
    told_of_tests,
    unreadable,
)
from tiercel.definition import Portion, Problem, Reading, errors
from tiercel.definition.check import check
from tiercel.definition.fixing import fix
from tiercel.services.catalog import PluginCatalog


class Judged(NamedTuple):
    """One flow of a file, and what is known of it."""

    path: Path
    reading: Reading
    fixed: tuple[Problem, ...] = ()


def validate(
    paths: Paths,
    /,
    *,
    fix: Annotated[bool, Parameter(negative=(), help="Mend what is certain, and print what was changed.")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON.")] = False,
) -> int:
    """Check flows: everything that is wrong with them, at once, without a server."""
    try:
        found = sources(paths)
    except OSError as error:
        print(unreadable(error), file=sys.stderr)
        return NOT_USABLE
    checker = _Checker(PluginCatalog.installed())
    read = [each for source in found for each in (_mend if fix else _judge)(source, checker, shows=not as_json)]
    judged = [each for each in read if not each.reading.is_of_tests]
    for each in read:
        if each.reading.is_of_tests:
            print(told_of_tests(each.path), file=sys.stderr)
    _print(judged, as_json=as_json, to_errors=fix and STDIN in paths)
    if not judged:
        print("there is no flow there" if read else "there is no .yaml or .yml file there", file=sys.stderr)
        return NOT_USABLE
    return GOOD if all(each.reading.is_valid for each in judged) else BAD


class _Checker:
    """Reads and checks texts with one catalog."""

    def __init__(self, catalog: PluginCatalog) -> None:
        self._catalog = catalog
        self._defaults = definition.Defaults(resolve=catalog.resolve)

    def reading(self, portion: Portion, path: Path) -> Reading:
        """A flow with its problems, in the lines that they have in the file."""
        reading = definition.read(portion.text, filename=str(path), defaults=self._defaults)
        return msgspec.structs.replace(reading, problems=portion.placed(check(reading, self._catalog)))


def _judge(source: Source, checker: _Checker, *, shows: bool) -> list[Judged]:
    """Each flow of a file; of one that says nothing it is told that nothing is there."""
    found = definition.portions(source.text) or (Portion(source.text),)
    return [Judged(source.path, checker.reading(portion, source.path)) for portion in found]


def _mend(source: Source, checker: _Checker, *, shows: bool) -> list[Judged]:
    """Mend each flow of a file, write the file, and judge what it is now."""
    judged: list[Judged] = []

    def mend(portion: Portion) -> str:
        fixed = fix(portion.text, lambda each: checker.reading(Portion(each), source.path).problems)
        mended = Portion(fixed.text, portion.lines_before)
        judged.append(Judged(source.path, checker.reading(mended, source.path), portion.placed(fixed.done)))
        return fixed.text

    text = definition.each_flow(source.text, mend)
    source.write(text)
    if shows:
        print_diff(source.path, source.text, text, stream=sys.stderr if source.path == STDIN else None)
    return judged


def _print(judged: Sequence[Judged], *, as_json: bool, to_errors: bool) -> None:
    stream = sys.stderr if to_errors else sys.stdout
    if as_json:
        print(json.dumps([_shown(each) for each in judged]), file=stream)
        return
    for each in judged:
        print(f"{'✓' if each.reading.is_valid else '✘'} {each.path}", file=stream)
        for line in _lines(each):
            print(line, file=stream)


def _lines(judged: Judged) -> list[str]:
    lines: list[str] = []
    for problem in judged.reading.problems:
        lines.append(f"  {judged.path}:{problem.line}:{problem.column}: {_kind(problem)}{problem.message}")
        if problem.fix:
            lines.append(f"    write: {problem.fix}")
    return lines


def _kind(problem: Problem) -> str:
    return "" if errors([problem]) else f"{problem.severity.lower()}: "


def _shown(judged: Judged) -> dict[str, Any]:
    fixed = {"fixed": [_problem(each) for each in judged.fixed]} if judged.fixed else {}
    problems = [_problem(each) for each in judged.reading.problems]
    return {"file": str(judged.path), "valid": judged.reading.is_valid, "problems": problems, **fixed}


def _problem(problem: Problem) -> dict[str, Any]:
    return {**msgspec.to_builtins(problem), "severity": problem.severity}
