"""Runs unit tests of flows: each case is an execution of its own in this process, several at a time."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tiercel.cli.run_local import Local, local
from tiercel.cli.suite_case import Case
from tiercel.cli.suite_coverage import coverage_of
from tiercel.cli.suite_files import Found, FoundFlow, Name, Shelf
from tiercel.engine import FlowContext
from tiercel.model.suites import TestSuite, UnitTest
from tiercel.ports.flows import FlowDraft
from tiercel.services.catalog import PluginCatalog
from tiercel.services.creator import NoSuchFlow
from tiercel.services.suite_results import Coverage, SuiteResult, TestState, UnitTestResult, whole_state
from tiercel.settings import Settings

AT_ONCE = 8
"""Executions that run at the same time."""


@dataclass(frozen=True)
class Report:
    suites: tuple[SuiteResult, ...]
    coverage: tuple[Coverage, ...]


async def run_suites(
    found: list[Found], shelf: Shelf, catalog: PluginCatalog, *, seconds: float, settings: Settings
) -> Report:
    """Run all suites; those whose flows are in one folder share an executor. A case has so many seconds."""
    groups: dict[int, list[Found]] = defaultdict(list)
    for each in found:
        groups[id(shelf.flows(each.path))].append(each)
    suites: list[SuiteResult] = []
    coverage: list[Coverage] = []
    for group in groups.values():
        report = await _run_group(group, shelf.flows(group[0].path), catalog, seconds=seconds, settings=settings)
        suites += report.suites
        coverage += report.coverage
    return Report(tuple(suites), tuple(coverage))


async def _run_group(
    found: list[Found],
    flows: Mapping[Name, FoundFlow],
    catalog: PluginCatalog,
    *,
    seconds: float,
    settings: Settings,
) -> Report:
    with TemporaryDirectory(prefix="tiercel-", ignore_cleanup_errors=True) as folder:
        async with local(Path(folder), flows=list(_drafts(flows)), catalog=catalog, settings=settings) as here:
            runner = _Runner(here, seconds=seconds)
            suites = await asyncio.gather(*(runner.suite(each.path, each.suite) for each in found if each.suite))
            tested = {(suite.namespace, suite.flow_id) for suite in suites}
            return Report(tuple(suites), tuple(coverage_of(here, name) for name in sorted(tested)))


def _drafts(flows: Mapping[Name, FoundFlow]) -> Iterator[FlowDraft]:
    for found in flows.values():
        if (flow := found.flow) is not None:
            yield FlowDraft(
                namespace=flow.namespace, id=flow.id, source=found.text, disabled=flow.disabled, at=datetime.now(UTC)
            )


class _Runner:
    """Gives each test its turn."""

    def __init__(self, here: Local, *, seconds: float) -> None:
        self._here = here
        self._seconds = seconds
        self._places = asyncio.Semaphore(AT_ONCE)
        self._limited: dict[Name, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def suite(self, path: Path, suite: TestSuite) -> SuiteResult:
        began = datetime.now(UTC)
        results = tuple(await asyncio.gather(*(self._in_turn(suite, case) for case in suite.test_cases)))
        return SuiteResult(
            test_suite_id=suite.id,
            namespace=suite.namespace,
            flow_id=suite.flow_id,
            state=whole_state(results),
            start_date=began,
            end_date=datetime.now(UTC),
            results=results,
            file=str(path),
        )

    async def _in_turn(self, suite: TestSuite, case: UnitTest) -> UnitTestResult:
        """Tests of a flow with a limit of concurrency run one after the other: they must not meet it."""
        if suite.disabled or case.disabled:
            return UnitTestResult(case.id, case.type, TestState.SKIPPED)
        context = self._context(suite)
        turn = self._limited[suite.namespace, suite.flow_id] if context.flow.concurrency else self._places
        async with turn:
            return await Case(self._here, context, suite, case, seconds=self._seconds).run()

    def _context(self, suite: TestSuite) -> FlowContext:
        stored = self._here.registry.latest("main", suite.namespace, suite.flow_id)
        if stored is None:
            raise NoSuchFlow(suite.namespace, suite.flow_id, None)
        return self._here.registry.deployed(stored).context
