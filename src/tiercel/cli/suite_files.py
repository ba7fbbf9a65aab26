"""Files of unit tests and the flows that they test, read and checked; what is wrong is told with the line it stands in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tiercel import definition
from tiercel.cli.flow_files import files, read_text
from tiercel.cli.run_flows import ENDINGS
from tiercel.definition import Portion, Problem, Reading, errors
from tiercel.definition.check import check
from tiercel.definition.document import Document
from tiercel.definition.read import parse
from tiercel.definition.suites import SuiteReading, check_against, is_suite, read_suite, suite_of
from tiercel.engine import FlowContext, World
from tiercel.model.flow import Flow
from tiercel.model.suites import TestSuite
from tiercel.services.catalog import PluginCatalog

Name = tuple[str, str]
"""Namespace and id."""


@dataclass(frozen=True)
class Found:
    """A suite with all that was found wrong with it; `suite` is None where it cannot be run."""

    path: Path
    suite: TestSuite | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class FoundFlow:
    """A flow that may be tested, or called by one that is."""

    path: Path
    text: str
    reading: Reading
    problems: tuple[Problem, ...]

    @property
    def flow(self) -> Flow | None:
        """The flow, when nothing forbids running it."""
        return None if errors(self.problems) else self.reading.flow

    @property
    def name(self) -> Name | None:
        flow = self.reading.flow
        return None if flow is None else (flow.namespace, flow.id)


class Shelf:
    """The flows of folders, each folder read once."""

    def __init__(self, catalog: PluginCatalog, *, folder: Path | None) -> None:
        self._catalog = catalog
        self._folder = folder
        """Where all flows are; None: beside the tests of each."""
        self._read: dict[Path, dict[Name, FoundFlow]] = {}

    def flows(self, tests: Path) -> dict[Name, FoundFlow]:
        """The flows for a file of tests. Of two with one name the first counts. Raises OSError."""
        folder = (self._folder or tests.parent).resolve()
        if folder not in self._read:
            self._read[folder] = self._flows_of(folder)
        return self._read[folder]

    def _flows_of(self, folder: Path) -> dict[Name, FoundFlow]:
        found: dict[Name, FoundFlow] = {}
        for path in files([folder]) if self._folder else _directly_in(folder):
            for flow in self._flows_in(path):
                if flow.name is not None:
                    found.setdefault(flow.name, flow)
        return found

    def _flows_in(self, path: Path) -> Iterator[FoundFlow]:
        for portion in definition.portions(read_text(path)):
            document, _ = parse(portion.text)
            if document is not None and not is_suite(document) and "tasks" in document.data:
                yield read_flow(path, portion, self._catalog)


def _directly_in(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if path.suffix in ENDINGS and path.is_file())


def read_flow(path: Path, portion: Portion, catalog: PluginCatalog) -> FoundFlow:
    reading = definition.read(portion.text, filename=path.name, defaults=definition.Defaults(resolve=catalog.resolve))
    return FoundFlow(path, portion.text, reading, portion.placed(check(reading, catalog)))


def read_suites(paths: Iterable[Path], shelf: Shelf) -> list[Found]:
    """All tests that are named, in files of their own or in their flows. Raises OSError."""
    return [
        found
        for path in files(paths)
        for portion in definition.portions(read_text(path))
        for found in _found(path, portion, shelf.flows(path))
    ]


def _found(path: Path, portion: Portion, flows: dict[Name, FoundFlow]) -> Iterator[Found]:
    reading = read_suite(portion.text)
    if reading is None:
        reading = _inline(path, portion, flows)
    if reading is not None:
        problems = (*reading.problems, *(() if reading.suite is None else _of_names(reading, reading.suite, flows)))
        yield Found(path, None if errors(problems) else reading.suite, portion.placed(problems))


def _inline(path: Path, portion: Portion, flows: dict[Name, FoundFlow]) -> SuiteReading | None:
    for found in flows.values():
        flow, document = found.reading.flow, found.reading.document
        if flow and document and found.path.samefile(path) and found.text == portion.text:
            return suite_of(flow, document)
    return None


def _of_names(reading: SuiteReading, suite: TestSuite, flows: dict[Name, FoundFlow]) -> tuple[Problem, ...]:
    """What the suite names and is not there."""
    found = flows.get((suite.namespace, suite.flow_id))
    if found is None:
        return (_no_flow(reading.document, suite, flows),)
    if found.flow is None:
        first = errors(found.problems)[0]
        message = f"the flow has an error: {found.path}:{first.line}:{first.column}: {first.message}"
        return (reading.document.problem("flow", message, ("flowId",)),)
    context = FlowContext.of(found.flow, revision=1, tenant="main", world=World())
    inputs = frozenset(each.id.split(".")[0] for each in found.flow.inputs)
    return check_against(reading, frozenset(context.nodes), inputs)


def _no_flow(document: Document, suite: TestSuite, flows: dict[Name, FoundFlow]) -> Problem:
    named = ", ".join(f"{namespace}.{id}" for namespace, id in sorted(flows)) or "none"
    message = f"there is no flow {suite.namespace}.{suite.flow_id}; flows found: {named}. Say where they are: --flows"
    return document.problem("unknown-name", message, ("flowId",))


def placed(found: Found) -> Iterator[str]:
    """Each problem with its place."""
    for problem in found.problems:
        fix = f"\n    write: {problem.fix}" if problem.fix else ""
        yield f"{found.path}:{problem.line}:{problem.column}: {problem.message}{fix}"
