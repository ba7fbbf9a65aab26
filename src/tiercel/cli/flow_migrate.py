"""`tiercel flow migrate`: flows of earlier versions in the words of the latest."""

import json
import sys
from typing import Annotated, Any, Literal, NamedTuple, TextIO

from cyclopts import Parameter

from tiercel import definition
from tiercel.cli.flow_files import BAD, GOOD, NOT_USABLE, STDIN, Paths, Source, print_diff, sources, unreadable
from tiercel.definition import Portion, Problem, migration
from tiercel.definition.check import check
from tiercel.definition.migration import Evidence, Migration, Span, Step
from tiercel.services.catalog import PluginCatalog


class Migrated(NamedTuple):
    """A file, and what became of each of its flows."""

    source: Source
    text: str
    flows: list[Migration]

    @property
    def is_changed(self) -> bool:
        return self.text != self.source.text

    @property
    def is_done(self) -> bool:
        """Is nothing left to be done by hand?"""
        return not any(flow.left or flow.problems for flow in self.flows)


def migrate(
    paths: Paths,
    /,
    *,
    to: Annotated[Literal["2.0"], Parameter(help="The version whose words are written.")] = "2.0",
    write: Annotated[bool, Parameter(negative=(), help="Write the files; without it, changes are shown only.")] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative=(), help="Print JSON.")] = False,
) -> int:
    """Say for which version flows were written, and write them in the words of the latest one.

    Each change keeps the meaning; what cannot be changed with certainty is named with its line and the reason.
    """
    migrator = _Migrator(PluginCatalog.installed())
    try:
        found = [migrator.migrated(source) for source in sources(paths)]
    except OSError as error:
        print(unreadable(error), file=sys.stderr)
        return NOT_USABLE
    if not found:
        print("there is no .yaml or .yml file there", file=sys.stderr)
        return NOT_USABLE
    stream = sys.stderr if write and STDIN in paths else sys.stdout
    if as_json:
        print(json.dumps([_shown(each, to) for each in found]), file=stream)
    for each in found:
        if not as_json:
            _print(each, to, stream)
        if write:
            each.source.write(each.text)
    return GOOD if all(each.is_done for each in found) else BAD


class _Migrator:
    """Migrates texts with one catalog."""

    def __init__(self, catalog: PluginCatalog) -> None:
        self._catalog = catalog
        self._defaults = definition.Defaults(resolve=catalog.resolve)

    def migrated(self, source: Source) -> Migrated:
        flows: list[Migration] = []

        def change(portion: Portion) -> str:
            flow = migration.migrate(portion.text, resolve=self._catalog.resolve, check=self._problems)
            flows.append(flow.below(portion.lines_before))
            return flow.text

        text = definition.each_flow(source.text, change)
        return Migrated(source, text, flows)

    def _problems(self, text: str) -> tuple[Problem, ...]:
        return check(definition.read(text, defaults=self._defaults), self._catalog)


def _print(migrated: Migrated, to: str, stream: TextIO) -> None:
    path = migrated.source.path
    for flow in migrated.flows:
        print(f"{path}: {_versions(flow.span)}", file=stream)
        for each in flow.evidence:
            print(f"  {path}:{each.line}: {_said(each)}", file=stream)
        for problem in flow.problems:
            print(f"✘ {path}:{problem.line}:{problem.column}: {problem.message}", file=stream)
        for step in flow.left:
            print(f"  by hand: {path}:{step.line}: {step.message}", file=stream)
    if migrated.is_changed:
        print_diff(path, migrated.source.text, migrated.text, stream=stream)
    elif migrated.is_done:
        print(f"  nothing to change for {to}", file=stream)


def _versions(span: Span) -> str:
    if span.is_empty:
        return f"no version of Kestra knows all that is in it: something is of {span.since}, something was gone after {span.until}"
    match span.since, span.until:
        case None, None:
            return "written for any version"
        case since, None:
            return f"written for {since} or later"
        case None, until:
            return f"written for {until} or earlier"
        case since, until:
            return f"written for {since} to {until}"


def _said(evidence: Evidence) -> str:
    since = [f"since {evidence.since}"] if evidence.since else []
    until = [f"until {evidence.until}"] if evidence.until else []
    return f"{evidence.what}: {', '.join([*since, *until])}"


def _shown(migrated: Migrated, to: str) -> dict[str, Any]:
    return {
        "file": str(migrated.source.path),
        "to": to,
        "changed": migrated.is_changed,
        "text": migrated.text,
        "flows": [_shown_flow(flow) for flow in migrated.flows],
    }


def _shown_flow(flow: Migration) -> dict[str, Any]:
    return {
        "since": flow.span.since,
        "until": flow.span.until,
        "evidence": [
            {"line": each.line, "what": each.what, "since": each.since, "until": each.until} for each in flow.evidence
        ],
        "done": [_step(step) for step in flow.done],
        "byHand": [_step(step) for step in flow.left],
        "problems": [{"line": each.line, "column": each.column, "message": each.message} for each in flow.problems],
    }


def _step(step: Step) -> dict[str, Any]:
    return {"line": step.line, "message": step.message}
