"""One unit test of a flow: what is given, the execution, what must hold of it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from tiercel.cli.run_local import Local
from tiercel.cli.run_pause import ends_by_itself
from tiercel.definition.suites import OPERATORS
from tiercel.engine import FlowContext
from tiercel.engine.events import Kill
from tiercel.expression import ExpressionError
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, Fixture, Kind, TriggerInfo
from tiercel.model.log import Level
from tiercel.model.states import State
from tiercel.model.suites import Assertion, TestSuite, UnitTest
from tiercel.model.task_run import TaskRun
from tiercel.ports.logs import LogQuery
from tiercel.sdk import RunInfo
from tiercel.services.assertions import AssertionResult, judged
from tiercel.services.broadcaster import Follower, Frame
from tiercel.services.case_expressions import CaseExpressions
from tiercel.services.creator import Wish
from tiercel.services.locations import execution_folder, stored_name
from tiercel.services.records import read_run
from tiercel.services.suite_results import RunError, TestState, UnitTestResult

WELL = frozenset({State.SUCCESS, State.WARNING, State.SKIPPED})


class NotRun(TiercelError):
    """A test cannot be run to its end."""


class Case:
    """One execution."""

    def __init__(self, here: Local, context: FlowContext, suite: TestSuite, case: UnitTest, *, seconds: float) -> None:
        self._here = here
        self._suite = suite
        self._case = case
        self._seconds = seconds
        self._id = here.creator.mint()
        self._expressions = CaseExpressions(here.evaluator, context, at=datetime.now(UTC))
        self._files: dict[str, str] = {}

    async def run(self) -> UnitTestResult:
        """What it came to, whatever happens."""
        began = monotonic()
        try:
            return await self._result(began)
        except TiercelError as error:
            return UnitTestResult(
                test_id=self._case.id,
                test_type=self._case.type,
                state=TestState.ERROR,
                duration=monotonic() - began,
                execution_id=self._id,
                errors=(RunError(str(error)),),
            )

    async def _result(self, began: float) -> UnitTestResult:
        self._files = {name: await self._stored(name, text) for name, text in self._case.fixtures.files.items()}
        ended = await self._run(await self._wish())
        results, errors = await self._assertions(ended)
        unexpected = [error async for error in self._unexpected(ended)]
        state = TestState.ERROR if errors else TestState.SUCCESS
        if not errors and (unexpected or any(not result.is_success for result in results)):
            state = TestState.FAILED
        return UnitTestResult(
            test_id=self._case.id,
            test_type=self._case.type,
            state=state,
            duration=monotonic() - began,
            execution_id=self._id,
            execution_state=ended.state.current.value,
            assertion_results=tuple(results),
            errors=(*errors, *unexpected),
        )

    # The execution ----------------------------------------------------------------------------------------------------

    async def _stored(self, name: str, text: str) -> str:
        folder = execution_folder(self._suite.namespace, self._suite.flow_id, self._id)
        uri = f"{folder}tests/{stored_name(name)}"
        await self._here.stores.storage.put(uri, _chunks(text))
        return uri

    async def _wish(self) -> Wish:
        fixtures = self._case.fixtures
        inputs = await self._given(fixtures.inputs, {})
        trigger = fixtures.trigger
        return Wish(
            namespace=self._suite.namespace,
            flow_id=self._suite.flow_id,
            inputs=inputs,
            origin="cli",
            kind=Kind.TEST,
            id=self._id,
            trigger=None
            if trigger is None
            else TriggerInfo(trigger.id, trigger.type, await self._given(trigger.variables, inputs)),
            fixtures=tuple(
                [
                    Fixture(each.id, each.value, each.state, await self._given(each.outputs, inputs))
                    for each in fixtures.tasks
                ]
            ),
        )

    async def _given(self, value: Any, inputs: Mapping[str, Any]) -> Any:
        info = RunInfo(
            tenant="main",
            namespace=self._suite.namespace,
            flow_id=self._suite.flow_id,
            flow_revision=1,
            execution_id=self._id,
        )
        return await self._expressions.given(value, inputs=inputs, files=self._files, info=info)

    async def _run(self, wish: Wish) -> Execution:
        broadcaster = self._here.broadcaster
        with broadcaster.follow(self._id) as follower:
            await self._here.executor.create(wish)
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._end(follower)
            except TimeoutError:
                await self._kill(follower)
                raise NotRun(f"it was not over after {self._seconds:g} s: give what waits a fixture") from None

    async def _end(self, follower: Follower) -> Execution:
        async for piece in follower.news():
            if not isinstance(piece, Frame):
                continue
            if piece.is_last:
                return piece.execution
            if piece.execution.state.current is State.PAUSED and not ends_by_itself(self._here, piece.execution):
                waiting = [run.task_id for run in piece.execution.runs.values() if run.state.current is State.PAUSED]
                await self._kill(follower)
                raise NotRun(f"nobody is there for what {', '.join(waiting)} waits for: give it a fixture")
        raise NotRun("the execution ended without an end")

    async def _kill(self, follower: Follower) -> None:
        at, seed = self._here.executor.moment()
        await self._here.executor.tell(self._id, Kill(at, seed))
        async for _ in follower.news():
            pass

    # Its assertions ---------------------------------------------------------------------------------------------------

    async def _assertions(self, ended: Execution) -> tuple[list[AssertionResult], list[RunError]]:
        results: list[AssertionResult] = []
        errors: list[RunError] = []
        runs = list(runs_of(self._here, ended.id))
        for assertion in self._case.assertions:
            try:
                results += await self._judged(assertion, ended, runs)
            except ExpressionError as error:
                errors.append(RunError(f"{assertion.value}: {error.message}"))
        return results, errors

    async def _judged(self, assertion: Assertion, ended: Execution, runs: list[TaskRun]) -> list[AssertionResult]:
        async def seen(value: Any) -> Any:
            return await self._expressions.seen(value, ended, runs, files=self._files)

        expected = {name: await seen(value) for name, value in operators(assertion).items()}
        found = judged(await seen(assertion.value), expected)
        return [self._worded(result, assertion) for result in found]

    def _worded(self, result: AssertionResult, assertion: Assertion) -> AssertionResult:
        return AssertionResult(
            operator=result.operator,
            expected=result.expected,
            actual=result.actual,
            is_success=result.is_success,
            task_id=assertion.task_id,
            description=assertion.description,
            error_message=None if result.is_success else assertion.error_message or result.error_message,
        )

    async def _unexpected(self, ended: Execution) -> AsyncIterator[RunError]:
        state, expected = ended.state.current, self._case.expected_state
        if state is expected or (expected is None and state in WELL):
            return
        words = f"the execution ended as {state.value}, not as {expected.value}" if expected else _unsaid(state)
        yield RunError(words, await self._first_error(ended))

    async def _first_error(self, ended: Execution) -> str | None:
        query = LogQuery(execution_id=ended.id, min_level=Level.ERROR)
        async for line in self._here.stores.logs.read(query):
            return f"{line.task_id}: {line.message}" if line.task_id else line.message
        return None


def _unsaid(state: State) -> str:
    return f"the execution ended as {state.value}; where that is meant, write `expectedState: {state.value}`"


async def _chunks(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


def operators(assertion: Assertion) -> dict[str, Any]:
    """What an assertion says, by the names as they are written."""
    said = assertion.model_dump(by_alias=True, exclude_none=True, include=set(OPERATORS))
    return {name: list(value) if isinstance(value, tuple) else value for name, value in said.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def runs_of(here: Local, execution_id: str) -> Iterator[TaskRun]:
    rows = here.stores.tables.task_runs.get(execution_id, {})
    return (read_run(rows[ord])[0] for ord in sorted(rows))
