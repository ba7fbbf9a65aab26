"""Which task runs of an ended execution run again, which are open again because of them, which go; and what that makes.

Pure data: it knows all task runs of the execution, which nobody else ever does. Restart, change of a state and replay
differ only in the plan they make.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from immutables import Map

from tiercel.engine.plan import FlowContext, Node
from tiercel.engine.restore import remembered
from tiercel.engine.turn import replace
from tiercel.model.execution import ADMIT, Step
from tiercel.model.flowable import (
    Approval,
    Dag,
    EachParallel,
    EachSequential,
    ForEach,
    If,
    Loop,
    LoopUntil,
    Parallel,
    Pause,
    Subflow,
    Switch,
    WorkingDirectory,
)
from tiercel.model.results import Results
from tiercel.model.states import ATTEMPT_MOVES, IN_ERROR, TERMINATED, Moves, State
from tiercel.model.task_run import ROOT, Attempt, Scope, TaskRun

Runs = Mapping[int, TaskRun]

ANEW = (Approval, Loop, LoopUntil, Pause, WorkingDirectory)
"""Flowables that begin from their beginning, without the children they had: they are RESTARTED as a leaf is."""
TAIL = frozenset({"errors", "finally", "afterExecution"})
LIFE = 1 << 16
"""Each life of an execution counts the generations of its task runs from a number of its own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of the task runs; those that no set names stay as they are."""

    again: frozenset[int]
    """Run again: RESTARTED."""
    above: frozenset[int]
    """Flowables that are RUNNING again, as something below them is."""
    anew: frozenset[int] = frozenset()
    """Flowables that are RUNNING again and choose their children again."""
    gone: frozenset[int] = frozenset()

    @property
    def open(self) -> frozenset[int]:
        return self.again | self.above | self.anew


@dataclass(frozen=True, slots=True)
class Reopened:
    """What an execution goes on with."""

    runs: Map[int, TaskRun]
    """The open ones."""
    scopes: Map[int, Scope]
    results: Results
    states: Results
    steps: tuple[Step, ...]
    busy: int
    kept: Mapping[int, TaskRun] = field(default_factory=dict[int, TaskRun])
    """All that are left, open or not."""


# What is where -------------------------------------------------------------------------------------------------------


def ancestors(runs: Runs, run: TaskRun) -> Iterator[int]:
    while run.parent != ROOT:
        run = runs[run.parent]
        yield run.ord


def with_all_below(runs: Runs, roots: Iterable[int]) -> frozenset[int]:
    """These and everything below."""
    tops = frozenset(roots)
    return tops | all_below(runs, tops)


def all_below(runs: Runs, roots: Collection[int]) -> frozenset[int]:
    """Everything below these, and those of them that are below another one."""
    owners, found = set(roots), set[int]()
    # Parents come before their children in creation order.
    for ord in sorted(runs):
        if runs[ord].parent in owners:
            owners.add(ord)
            found.add(ord)
    return frozenset(found)


def tails(context: FlowContext, runs: Runs) -> Iterator[int]:
    """Task runs of errors, finally and afterExecution, at every level."""
    return (ord for ord, run in runs.items() if context.nodes[run.task_id].block in TAIL)


def is_anew(context: FlowContext, run: TaskRun) -> bool:
    return isinstance(context.nodes[run.task_id].task, ANEW)


def chooses_again(context: FlowContext, run: TaskRun) -> bool:
    """A flowable that may be open again without any child: its list or values are chosen anew."""
    return not context.nodes[run.task_id].is_leaf and not is_anew(context, run)


# What failed --------------------------------------------------------------------------------------------------------


def failed_plan(context: FlowContext, runs: Runs) -> Plan:
    """The task runs that failed run again, and those that were stopped because the execution was to fail; a flowable
    that begins anew loses its children.
    """
    gone = with_all_below(runs, tails(context, runs))
    failed = {ord for ord, run in runs.items() if run.state.current in (State.FAILED, State.KILLED)} - gone
    above = {up for ord in failed for up in ancestors(runs, runs[ord])}
    whole = {ord for ord in above | failed if is_anew(context, runs[ord])}
    childless = {ord for ord in failed - above - whole if not context.nodes[runs[ord].task_id].is_leaf}
    gone |= all_below(runs, whole | childless)
    leaves = {ord for ord in failed if context.nodes[runs[ord].task_id].is_leaf}
    return Plan(
        again=frozenset((leaves | whole) - gone),
        above=frozenset(above - whole - gone),
        anew=frozenset(childless - gone),
        gone=gone,
    )


def has_begun(runs: Runs, plan: Plan) -> bool:
    """Whether anything of the execution ran but what runs after an end: one that failed before has nothing to keep."""
    return not runs.keys() <= plan.gone


# What it makes ---------------------------------------------------------------------------------------------------------


def reopened(
    context: FlowContext,
    runs: Runs,
    plan: Plan,
    *,
    at: datetime,
    generation: int,
    moves: Moves,
    known: Results | None = None,
) -> Reopened:
    """The execution after a plan. `generation` is that of the task runs to come; `known` are outputs from elsewhere."""
    kept = {ord: run for ord, run in runs.items() if ord not in plan.gone}
    for ord in plan.open:
        kept[ord] = _opened(context, kept[ord], again=ord in plan.again, at=at, moves=moves)
    scopes = {
        ord: _scope(context, None if ord == ROOT else kept[ord], kept, plan, generation)
        for ord in (ROOT, *sorted(plan.above))
    }
    named = (kept[ord] for ord in sorted(kept) if kept[ord].task_id in context.kept)
    results, states = remembered(context, named, Results() if known is None else known)
    return Reopened(
        runs=Map((ord, kept[ord]) for ord in plan.open),
        scopes=Map(scopes),
        results=results,
        states=states,
        steps=(Step(ADMIT, ROOT), *_steps(context, kept, plan)),
        busy=sum(context.nodes[kept[ord].task_id].is_leaf for ord in plan.open),
        kept=kept,
    )


def _opened(context: FlowContext, run: TaskRun, *, again: bool, at: datetime, moves: Moves) -> TaskRun:
    """The task run goes on. An attempt that is under way elsewhere is none of its own."""
    run = replace(run, attempts=tuple(_lost(attempt, at=at) for attempt in run.attempts))
    if again:
        return replace(_emptied(context, run), state=run.state.move(State.RESTARTED, at=at, moves=moves))
    if run.state.current is State.RUNNING:
        return run
    return replace(run, state=run.state.move(State.RUNNING, at=at, moves=moves))


def _emptied(context: FlowContext, run: TaskRun) -> TaskRun:
    """What it gave is forgotten; only a Subflow has to know which execution to restart."""
    if isinstance(context.nodes[run.task_id].task, Subflow):
        return run
    return replace(run, outputs=None, values=None)


def _lost(attempt: Attempt, *, at: datetime) -> Attempt:
    if not attempt.is_open:
        return attempt
    return replace(attempt, state=attempt.state.move(State.RESUBMITTED, at=at, moves=ATTEMPT_MOVES))


def _steps(context: FlowContext, kept: Runs, plan: Plan) -> Iterator[Step]:
    """In order of creation, and the groups of loops that had ended a task and not begun the next."""
    for ord in sorted(plan.again):
        yield Step("start", ord)
    for ord in sorted(plan.anew):
        yield Step("start", ord)
    for ord in sorted(plan.above):
        yield from _unfollowed(context, kept, kept[ord])
        yield Step("advance", ord)


def _unfollowed(context: FlowContext, kept: Runs, run: TaskRun) -> Iterator[Step]:
    node = context.nodes[run.task_id]
    if not isinstance(node.task, ForEach | EachSequential):
        return
    last: dict[int, TaskRun] = {}
    for child in _children(context, kept, run.ord, "tasks"):
        known = last.get(child.iteration or 0)
        if known is None or context.nodes[known.task_id].place < context.nodes[child.task_id].place:
            last[child.iteration or 0] = child
    for iteration, child in sorted(last.items()):
        if child.state.current in TERMINATED - IN_ERROR:
            yield Step("follow", run.ord, iteration, context.nodes[child.task_id].place)


# Scopes ----------------------------------------------------------------------------------------------------------------


def _scope(context: FlowContext, owner: TaskRun | None, kept: Runs, plan: Plan, generation: int) -> Scope:
    """The counters of a scope, from its children."""
    ord = ROOT if owner is None else owner.ord
    body = _children(context, kept, ord, "tasks")
    tail = [child for block in TAIL for child in _children(context, kept, ord, block) if child.ord in plan.open]
    scope = Scope(generation=generation, open=len(tail), ended=_ended(body, plan), failed=_first_failed(body, plan))
    scope = replace(scope, open=scope.open + sum(child.ord in plan.open for child in body))
    if tail:
        node = context.nodes[tail[0].task_id]
        scope = replace(scope, block=node.block, tail=node.place + 1)
    return _with_cursor(context, scope, owner, body)


def _children(context: FlowContext, kept: Runs, scope: int, block: str) -> list[TaskRun]:
    mine = (kept[ord] for ord in sorted(kept) if kept[ord].parent == scope)
    return [run for run in mine if context.nodes[run.task_id].block == block]


def _ended(body: list[TaskRun], plan: Plan) -> dict[State, int]:
    ended: dict[State, int] = {}
    for child in body:
        if child.ord not in plan.open:
            ended[child.state.current] = ended.get(child.state.current, 0) + 1
    return ended


def _first_failed(body: list[TaskRun], plan: Plan) -> str:
    failed = (run.task_id for run in body if run.state.current is State.FAILED and run.ord not in plan.open)
    return next(failed, "")


def _with_cursor(context: FlowContext, scope: Scope, owner: TaskRun | None, body: list[TaskRun]) -> Scope:
    node = None if owner is None else context.nodes[owner.task_id]
    set_cursor = None if node is None else CURSORS.get(type(node.task))
    if node is None or set_cursor is None:
        return replace(scope, next=_after(context, body))
    return set_cursor(context, scope, node, body)


def _after(context: FlowContext, body: list[TaskRun]) -> int:
    """The place after the last child that was begun."""
    return max((context.nodes[child.task_id].place + 1 for child in body), default=0)


def _branch(context: FlowContext, scope: Scope, node: Node, body: list[TaskRun]) -> Scope:
    """The list that was chosen is the one its children stand in."""
    chosen = next((name for name, tasks in node.blocks.items() if body and body[0].task_id in tasks), "")
    return replace(scope, branch=chosen, next=_after(context, body))


def _ready(context: FlowContext, scope: Scope, node: Node, body: list[TaskRun]) -> Scope:
    places = {context.nodes[child.task_id].place for child in body}
    ended = (child for child in body if child.state.current in TERMINATED - IN_ERROR)
    done = sum(1 << context.nodes[child.task_id].place for child in ended)
    ready = (place for place, needs in enumerate(node.needs) if place not in places and needs & ~done == 0)
    return replace(scope, done=f"{done:x}", ready=tuple(ready))


def _groups(context: FlowContext, scope: Scope, node: Node, body: list[TaskRun]) -> Scope:
    return replace(scope, next=max(((child.iteration or 0) + 1 for child in body), default=0))


def _grid(context: FlowContext, scope: Scope, node: Node, body: list[TaskRun]) -> Scope:
    """EachParallel begins value by value, and of each value task by task."""
    width = len(node.blocks["tasks"])
    places = ((child.iteration or 0) * width + context.nodes[child.task_id].place + 1 for child in body)
    return replace(scope, next=max(places, default=0))


Cursor = Callable[[FlowContext, Scope, Node, list[TaskRun]], Scope]
CURSORS: dict[type, Cursor] = {
    If: _branch,
    Switch: _branch,
    Dag: _ready,
    ForEach: _groups,
    EachSequential: _groups,
    EachParallel: _grid,
}
"""How far a flowable has come. The others, and the flow itself, are past the last child that was begun."""


# What comes after a task run -------------------------------------------------------------------------------------------


def successors(context: FlowContext, runs: Runs, run: TaskRun) -> Iterator[int]:
    """The task runs that ran because this one had ended, below the same flowables or beside them."""
    while True:
        owner = None if run.parent == ROOT else context.nodes[runs[run.parent].task_id]
        for other in runs.values():
            if other.parent == run.parent and other.ord != run.ord and _comes_after(context, owner, run, other):
                yield other.ord
        if run.parent == ROOT:
            return
        run = runs[run.parent]


def _comes_after(context: FlowContext, owner: Node | None, run: TaskRun, other: TaskRun) -> bool:
    node, later = context.nodes[run.task_id], context.nodes[other.task_id]
    if node.block != later.block:
        return node.block == "tasks" or (node.block, later.block) == ("errors", "finally")
    if node.block != "tasks" or owner is None:
        return later.place > node.place
    match owner.task:
        case Parallel() | EachParallel():
            return False
        case Dag():
            return later.place in _dependents(owner, node.place)
        case ForEach(concurrency_limit=limit) if run.iteration != other.iteration:
            return limit == 1 and (other.iteration or 0) > (run.iteration or 0)
        case EachSequential() if run.iteration != other.iteration:
            return (other.iteration or 0) > (run.iteration or 0)
        case _:
            return later.place > node.place


def _dependents(owner: Node, place: int) -> set[int]:
    found: set[int] = set()
    waiting = [*owner.dependents[place]]
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting += owner.dependents[other]
    return found
