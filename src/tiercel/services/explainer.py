"""Collects why an execution is as it is: from its rows, its history, its log and the executions around it.

What it comes to is data (services.explanation); which task run is to blame, what is waited for and what differs are
decided by pure functions (services.culprit, .waiting, .comparison).
"""

from collections.abc import AsyncIterator, Iterable, Iterator

from msgspec.structs import replace

from tiercel.definition.read import parse
from tiercel.definition.walk import tasks
from tiercel.engine.events import ChangeStatus, ChangeTaskRun, Kill, Recorded, Rejected, Restart, WorkerLost
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, Kind
from tiercel.model.log import Level, LogEntry
from tiercel.model.states import TERMINATED, State
from tiercel.model.task_run import TaskRun
from tiercel.ports.filters import Filter, Operator
from tiercel.ports.logs import LogQuery, LogStore
from tiercel.ports.reader import ExecutionQuery, Reader
from tiercel.services.comparison import compared
from tiercel.services.culprit import WRONG, culprit
from tiercel.services.evaluation import Evaluation
from tiercel.services.explanation import Comparison, Excerpt, Fact, Failure, Hop, Line, Tried, Wait, Why
from tiercel.services.history import Histories
from tiercel.services.records import read_events, read_execution, read_run
from tiercel.services.registry import Deployed, Registry, UnreadableFlow
from tiercel.services.task_properties import TaskProperties
from tiercel.services.waiting import waits

DEEPEST = 20
"""Executions within one another that are looked into."""
MOST_CHILDREN = 1000
LAST_LINES = 10
MOST_FACTS = 50
_FRAMES = ("Traceback (most recent call last)", " ")
"""How the lines of a traceback begin that do not say what went wrong."""
MOST_HOLDERS = 100
_HOLDING = (State.RUNNING, State.PAUSED, State.KILLING, State.RETRYING, State.BREAKPOINT)
_NOT_OVER = frozenset(State) - frozenset(TERMINATED)

Found = tuple[Execution, TaskRun]
"""A task run with its execution."""


class Explainer:
    """Reads; changes nothing."""

    def __init__(
        self,
        *,
        reader: Reader,
        registry: Registry,
        logs: LogStore,
        histories: Histories,
        evaluation: Evaluation,
        properties: TaskProperties,
    ) -> None:
        self._reader = reader
        self._registry = registry
        self._logs = logs
        self._histories = histories
        self._evaluation = evaluation
        self._properties = properties

    async def explain(self, execution: Execution) -> Why:
        """The whole story, as far as it is still known."""
        runs = await self._runs(execution)
        path = await self._path(execution, runs)
        failure = await self._failure(path) if path else None
        waiting = await self._waits(execution, runs) if execution.live else ()
        facts = [fact async for fact in self._facts(execution)]
        return Why(
            execution_id=execution.id,
            namespace=execution.namespace,
            flow_id=execution.flow_id,
            flow_revision=execution.flow_revision,
            state=execution.state.current.value,
            since=execution.state.histories[-1].date,
            summary=_summary(execution, failure, [wait.message for wait in waiting], [fact.message for fact in facts]),
            failure=failure,
            waits=waiting,
            facts=tuple(facts),
            comparisons=tuple([each async for each in self._comparisons([execution, *(one for one, _ in path)])]),
        )

    # Down to what failed by itself -----------------------------------------------------------------------------------

    async def _path(self, execution: Execution, runs: dict[int, TaskRun]) -> list[Found]:
        """The task runs to blame, from the execution down through iterations and subflows."""
        path: list[Found] = []
        for _ in range(DEEPEST):
            run = culprit(runs, execution.state.current)
            if run is None:
                break
            path.append((execution, run))
            child = await self._child(execution, run)
            if child is None:
                break
            execution, runs = child, await self._runs(child)
        return path

    async def _child(self, execution: Execution, run: TaskRun) -> Execution | None:
        """The execution that this task run started and that went wrong first."""
        mine = [
            one
            for one in await self._children(execution, WRONG)
            if one.waits and (one.waits.execution_id, one.waits.ord) == (execution.id, run.ord)
        ]
        return min(mine, key=lambda one: one.state.histories[-1].date, default=None)

    async def _children(self, execution: Execution, states: Iterable[State]) -> list[Execution]:
        """What it started, and the iterations of its loops."""
        which = Filter("state", Operator.IN, tuple(state.value for state in states))
        started = Filter("triggerExecutionId", Operator.EQUALS, execution.id)
        parent = Filter("parentId", Operator.EQUALS, execution.id)
        loops = Filter("kind", Operator.IN, (Kind.LOOP.value,))
        return [
            *await self._found(execution, which, started, most=MOST_CHILDREN),
            *await self._found(execution, which, parent, loops, most=MOST_CHILDREN),
        ]

    async def _found(self, execution: Execution, *filters: Filter, most: int) -> list[Execution]:
        ids: list[str] = []
        async for identifier in self._reader.ids(ExecutionQuery(tenant=execution.tenant, filters=filters)):
            ids.append(identifier)
            if len(ids) == most:
                break
        return [read_execution(found.row) for found in await self._reader.executions(execution.tenant, ids)]

    # What failed ------------------------------------------------------------------------------------------------------

    async def _failure(self, path: list[Found]) -> Failure:
        execution, run = path[-1]
        deployed = await self._found_flow(execution)
        node = None if deployed is None else deployed.context.nodes.get(run.task_id)
        lines = await self._lines(execution, LogQuery(tenant=execution.tenant, task_run_id=run.id))
        failure = Failure(
            path=tuple(_hop(*each) for each in path),
            type="" if node is None else node.task.type,
            error=None if (line := _cause(lines)) is None else line.message,
            attempts=tuple(_attempts(run)),
            lines=tuple(lines[-LAST_LINES:]),
            source=None if deployed is None else _excerpt(deployed, run.task_id),
        )
        return await self._with_properties(failure, execution, run)

    async def _with_properties(self, failure: Failure, execution: Execution, run: TaskRun) -> Failure:
        """As they were when the last attempt began; from the rows where the history cannot be told again."""
        try:
            try:
                job = await self._histories.job(execution, run.ord, max(len(run.attempts), 1))
            except TiercelError:
                job = await self._evaluation.job(execution, run.id)
            return replace(failure, properties=await self._properties.rendered(job))
        except TiercelError as error:
            return replace(failure, not_rendered=str(error))

    async def _lines(self, execution: Execution, query: LogQuery) -> list[Line]:
        """The last ones, and the first that is an error, in order."""
        found: list[Line] = []
        async for entry in self._logs.read(query):
            found.append(_line(entry))
            if len(found) > 2 * LAST_LINES:
                first = _cause(found)
                found = [*([first] if first and first not in found[-LAST_LINES:] else []), *found[-LAST_LINES:]]
        return found

    # The execution as a whole -----------------------------------------------------------------------------------------

    async def _waits(self, execution: Execution, runs: dict[int, TaskRun]) -> tuple[Wait, ...]:
        deployed = await self._found_flow(execution)
        if deployed is None:
            return (Wait(f"revision {execution.flow_revision} of its flow is gone: it cannot go on"),)
        context = deployed.context.of_iteration(execution.iteration)
        holders = await self._holders(execution) if execution.state.current is State.QUEUED else ()
        return tuple(waits(context, execution, runs, holders=holders, children=await self._open_children(execution)))

    async def _open_children(self, execution: Execution) -> dict[int, tuple[str, ...]]:
        """The executions that are not over, by the task run that waits for them."""
        found: dict[int, tuple[str, ...]] = {}
        for child in await self._children(execution, _NOT_OVER):
            if child.waits is not None and child.waits.execution_id == execution.id:
                found[child.waits.ord] = (*found.get(child.waits.ord, ()), child.id)
        return found

    async def _facts(self, execution: Execution) -> AsyncIterator[Fact]:
        """What its own log and its history say of it, in order of time."""
        query = LogQuery(tenant=execution.tenant, execution_id=execution.id, min_level=Level.WARN)
        found = [
            Fact(entry.message, entry.timestamp) async for entry in self._logs.read(query) if not entry.task_run_id
        ]
        async for row in self._reader.history(execution.id):
            found += [fact for event in read_events(row).events if (fact := _fact(event))]
        for fact in sorted(found, key=lambda fact: (fact.at is not None, fact.at))[-MOST_FACTS:]:
            yield fact

    async def _holders(self, execution: Execution) -> tuple[str, ...]:
        states = tuple(state.value for state in _HOLDING)
        found = await self._found(execution, *_of_flow(execution, *states), most=MOST_HOLDERS)
        return tuple(one.id for one in found)

    async def _comparisons(self, executions: list[Execution]) -> AsyncIterator[Comparison]:
        """One for each flow; an iteration of a Loop is a part of an execution that is compared as a whole."""
        compared_flows: set[tuple[str, str]] = set()
        for execution in executions:
            name = (execution.namespace, execution.flow_id)
            if name in compared_flows or execution.iteration is not None:
                continue
            compared_flows.add(name)
            good = await self._last_good(execution)
            if good is not None:
                yield await self._compared(execution, good)

    async def _last_good(self, execution: Execution) -> Execution | None:
        query = ExecutionQuery(
            tenant=execution.tenant,
            filters=_of_flow(execution, State.SUCCESS.value),
            order="id",
            size=1,
            before=execution.id,
        )
        found, _ = await self._reader.search(query)
        return read_execution(found[0].row) if found else None

    async def _compared(self, execution: Execution, good: Execution) -> Comparison:
        sources = (await self._source(good), await self._source(execution))
        releases = (await self._release(good), await self._release(execution))
        return compared(execution, good, sources=sources, releases=releases)

    async def _source(self, execution: Execution) -> str:
        found = await self._found_flow(execution)
        return "" if found is None else found.stored.source

    async def _release(self, execution: Execution) -> str | None:
        """Which release began it; None where its history is gone."""
        async for row in self._reader.history(execution.id):
            return read_events(row).release
        return None

    async def _found_flow(self, execution: Execution) -> Deployed | None:
        """The revision that it runs; None where that is gone, or cannot be read any more."""
        try:
            return await self._registry.revision(
                execution.tenant, execution.namespace, execution.flow_id, execution.flow_revision
            )
        except UnreadableFlow:
            return None

    async def _runs(self, execution: Execution) -> dict[int, TaskRun]:
        return {row.ord: read_run(row)[0] async for row in self._reader.task_runs(execution.id)}


def _of_flow(execution: Execution, *states: str) -> tuple[Filter, ...]:
    return (
        Filter("namespace", Operator.EQUALS, execution.namespace),
        Filter("flowId", Operator.EQUALS, execution.flow_id),
        Filter("state", Operator.IN, states),
    )


def _hop(execution: Execution, run: TaskRun) -> Hop:
    return Hop(
        execution_id=execution.id,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        flow_revision=execution.flow_revision,
        task_id=run.task_id,
        task_run_id=run.id,
        state=run.state.current.value,
        value=run.value,
        item=None if execution.iteration is None else execution.iteration.item.index,
    )


def _attempts(run: TaskRun) -> Iterator[Tried]:
    for number, attempt in enumerate(run.attempts, start=1):
        state = attempt.state
        yield Tried(number, state.current.value, state.started, state.ended, attempt.worker_id)


def _line(entry: LogEntry) -> Line:
    return Line(entry.timestamp, entry.level, entry.message)


def _fact(event: Recorded) -> Fact | None:
    match event:
        case Kill(at=at):
            return Fact(_killed(event), at)
        case Rejected(at=at, state=state):
            return Fact(f"the limit of its flow had no free slot: it ended as {state.value}", at)
        case WorkerLost(at=at, worker=worker, attempt=attempt):
            return Fact(f"worker {worker} was lost in attempt {attempt} of a task", at)
        case ChangeStatus(at=at, state=state):
            return Fact(f"somebody set its state to {state.value}", at)
        case ChangeTaskRun(at=at, task_run=run, state=state):
            return Fact(f"somebody set task run {run} to {state.value}, and it went on from there", at)
        case Restart(at=at):
            return Fact("it was restarted", at)
        case _:
            return None


def _cause(lines: list[Line]) -> Line | None:
    """The first error that says what went wrong: of a traceback the line after its frames."""
    errors = [line for line in lines if line.level == "ERROR"]
    return next((line for line in errors if not line.message.startswith(_FRAMES)), errors[0] if errors else None)


def _killed(event: Kill) -> str:
    """Who wanted it to end, as far as anybody was asked."""
    by = f"by user {event.by}" if event.by else ""
    with_it = f"with execution {event.parent}, which started it" if event.parent else ""
    who = ", ".join(filter(None, (with_it, by))) or "by somebody who was not asked who they are"
    return f"it was told to end as {event.target.value} {who}" + (f": {event.reason}" if event.reason else "")


def _excerpt(deployed: Deployed, task_id: str) -> Excerpt | None:
    document, _ = parse(deployed.stored.source)
    written = None if document is None else next((task for task in tasks(document) if task.id == task_id), None)
    if document is None or written is None:
        return None
    line, lines = document.lines(written.path)
    return Excerpt(line, document.span(written.path).column, lines)


def _summary(execution: Execution, failure: Failure | None, waiting: list[str], facts: list[str]) -> str:
    state = execution.state.current.value
    if failure is not None:
        last, why = failure.path[-1], failure.error or (facts[-1] if facts else "")
        value = "" if last.value is None else f" [{last.value}]"
        told = f"{state}: task {last.task_id}{value} ended as {last.state}"
        return f"{told}: {why.splitlines()[0]}" if why else told
    said = waiting or facts[-1:]
    return f"{state}: {said[0]}" if said else f"{state}: nothing went wrong"
