"""`tiercel flow format`: one layout for all flows."""

import json
import sys
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from tiercel import definition
from tiercel.cli.flow_files import BAD, GOOD, NOT_USABLE, STDIN, Paths, Source, print_diff, sources, unreadable
from tiercel.definition import Portion, Problem
from tiercel.definition.formatting import NotFormatted, format_flow


class Laid(NamedTuple):
    """A file as it should be laid out, and why some of its flows are not."""

    source: Source
    text: str
    problems: list[Problem]

    @property
    def is_changed(self) -> bool:
        return self.text != self.source.text


def format(
    paths: Paths,
    /,
    *,
    check: Annotated[
        bool, Parameter(negative=(), help="Write nothing: exit with 1 if a file is not laid out.")
    ] = False,
    diff: Annotated[bool, Parameter(negative=(), help="Write nothing: print what would change.")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON.")] = False,
) -> int:
    """Lay out flows: order of properties, indentation, quotes. Comments stay; what a flow means does not change."""
    try:
        found = [_laid(source) for source in sources(paths)]
    except OSError as error:
        print(unreadable(error), file=sys.stderr)
        return NOT_USABLE
    if not found:
        print("there is no .yaml or .yml file there", file=sys.stderr)
        return NOT_USABLE
    if not check and not diff:
        for laid in found:
            laid.source.write(laid.text)
    if as_json:
        stream = sys.stdout if check or diff or STDIN not in paths else sys.stderr
        print(json.dumps([_shown(laid) for laid in found]), file=stream)
    else:
        _print(found, shows_diff=diff, is_written=not check and not diff)
    is_bad = any(laid.problems or (check and laid.is_changed) for laid in found)
    return BAD if is_bad else GOOD


def _laid(source: Source) -> Laid:
    problems: list[Problem] = []

    def lay(portion: Portion) -> str:
        try:
            return format_flow(portion.text)
        except NotFormatted as error:
            problems.extend(portion.placed(error.problems))
            return portion.text

    return Laid(source, definition.each_flow(source.text, lay), problems)


def _print(found: list[Laid], *, shows_diff: bool, is_written: bool) -> None:
    for laid in found:
        path = laid.source.path
        for problem in laid.problems:
            print(f"✘ {path}:{problem.line}:{problem.column}: {problem.message}", file=sys.stderr)
        if laid.is_changed and shows_diff:
            print_diff(path, laid.source.text, laid.text)
        elif laid.is_changed and path != STDIN:
            print(f"{'laid out' if is_written else 'would be laid out'}: {path}")


def _shown(laid: Laid) -> dict[str, object]:
    told = [{"line": each.line, "column": each.column, "message": each.message} for each in laid.problems]
    return {"file": str(laid.source.path), "changed": laid.is_changed, "problems": told}
