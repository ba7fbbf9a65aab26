"""What a replay or a restart will do, read off the execution that it makes: so that both cannot disagree.

Nothing is begun. `may_follow` is told of the flow: which of its tasks run is decided only while they do.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from immutables import Map
from msgspec.structs import replace

from tiercel.engine.decide import decide
from tiercel.engine.events import Replay, Restart
from tiercel.engine.plan import Blocks, FlowContext, Node
from tiercel.engine.reopening import TAIL, with_all_below
from tiercel.engine.replays import NotReplayable, replay
from tiercel.engine.subflows import taken_up
from tiercel.model.execution import Execution, settled
from tiercel.model.flowable import BatchExecutions, EachParallel, EachSequential, ForEach, If, Subflow, Switch
from tiercel.model.record import Record
from tiercel.model.states import State
from tiercel.model.task_run import ROOT, Scope, TaskRun

Runs = Mapping[int, TaskRun]
_BY_VALUE = (ForEach, EachSequential, EachParallel)


class Foreseen(Record, frozen=True):
    """A task run that is there, or a task that may get one."""

    task_id: str
    type: str
    reaches_out: bool = False
    """It does something outside of the execution: what it did is done twice."""
    task_run_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    state: State | None = None
    """How it stands now."""
    goes_on_with: str | None = None
    """The execution that a Subflow restarts, if it failed, at the revision that has: it starts no other."""


class Preview(Record, frozen=True, omit_defaults=False):
    """What becomes of the task runs of an execution, each list in the order in which they were created."""

    begins: tuple[Foreseen, ...]
    """They run again at once."""
    goes_on: tuple[Foreseen, ...]
    """Flowables that are open again because something in them is."""
    follows: tuple[Foreseen, ...]
    """They are taken away, and run again if the execution comes to them again."""
    may_follow: tuple[Foreseen, ...]
    """Tasks that the execution may come to besides: those after a failure, and those in branches that were not taken."""
    kept: tuple[Foreseen, ...]
    """They stay as they are, with their outputs."""
    dropped: tuple[Foreseen, ...]
    """Their tasks are not in the revision that will run."""
    effects: dict[str, int]
    """By type, how many task runs that act on the world are done once more (those of `begins` and `follows`)."""


def preview_replay(context: FlowContext, source: Execution, runs: Runs, event: Replay) -> Preview:
    """Of a replay. Raises NotReplayable. `context` is that of the revision it would run."""
    made = replay(context, source, runs, event, id=source.id)
    return _preview(context, made, runs, left=made.changes.runs)


def preview_restart(context: FlowContext, source: Execution, runs: Runs, *, at: datetime) -> Preview:
    """Of a restart in place. Raises NotReplayable where it would be refused."""
    decision = decide(context, replace(settled(source), recalled=Map(runs)), Restart(at, 0))
    if decision.ignored is not None:
        raise NotReplayable(decision.ignored)
    after = decision.execution
    gone = with_all_below(runs, after.changes.removed)
    left = {ord: run for ord, run in runs.items() if ord not in gone} | dict(after.runs)
    return _preview(context, after, runs, left=left)


def _preview(context: FlowContext, after: Execution, runs: Runs, *, left: Runs) -> Preview:
    goes_on = {ord for ord in after.runs if ord in after.scopes}
    begins = {ord for ord in after.runs if ord not in goes_on}
    gone = {ord for ord in runs if ord not in left}
    dropped = {ord for ord in gone if runs[ord].task_id not in context.nodes}
    of_errors = {ord for ord in gone - dropped if context.nodes[runs[ord].task_id].block == "errors"}
    follows = gone - dropped - with_all_below(runs, of_errors)
    again = _told(context, runs, begins | follows)
    followers = dict.fromkeys(_Followers(context, after, left).of_flow())
    told = {one.task_id for one in again}
    return Preview(
        begins=tuple(_beginning(context, runs[ord], after.runs[ord]) for ord in sorted(begins)),
        goes_on=_told(context, runs, goes_on),
        follows=_told(context, runs, follows),
        may_follow=tuple(_candidate(context.nodes[task]) for task in followers if task not in told),
        kept=_told(context, runs, set(left) - set(after.runs)),
        dropped=_told(context, runs, dropped),
        effects=_effects(again),
    )


def _told(context: FlowContext, runs: Runs, ords: Iterable[int]) -> tuple[Foreseen, ...]:
    return tuple(_foreseen(context, runs[ord]) for ord in sorted(ords))


def _beginning(context: FlowContext, run: TaskRun, after: TaskRun) -> Foreseen:
    child = taken_up(context.nodes[run.task_id].task, after)
    return replace(_foreseen(context, run), goes_on_with=child)


def _foreseen(context: FlowContext, run: TaskRun) -> Foreseen:
    """A task that the revision does not have any more is known by its id alone."""
    node = context.nodes.get(run.task_id)
    return Foreseen(
        task_id=run.task_id,
        type="" if node is None else node.task.type,
        reaches_out=node is not None and _reaches_out(node),
        task_run_id=run.id,
        value=run.value,
        iteration=run.iteration,
        state=run.state.current,
    )


def _candidate(node: Node) -> Foreseen:
    return Foreseen(node.task.id, node.task.type, _reaches_out(node))


def _reaches_out(node: Node) -> bool:
    """Tasks inside the executor compute; a WorkingDirectory and a Loop do what is in them."""
    if isinstance(node.task, Subflow | BatchExecutions):
        return True
    return (node.is_runnable or node.is_part) and not (node.is_instant or node.is_directory)


def _effects(again: Iterable[Foreseen]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for one in again:
        if one.reaches_out:
            counted[one.type] = counted.get(one.type, 0) + 1
    return counted


class _Followers:
    """The tasks that get a task run, if all goes on to the end of the flow."""

    def __init__(self, context: FlowContext, after: Execution, left: Runs) -> None:
        self._context = context
        self._after = after
        self._children: dict[tuple[int, str], list[TaskRun]] = {}
        for run in left.values():
            self._children.setdefault((run.parent, run.task_id), []).append(run)

    def of_flow(self) -> Iterator[str]:
        scope = self._after.scopes.get(ROOT)
        if scope is None:
            return self._of_lists(self._context.blocks)
        return self._of_scope(ROOT, None, self._context.blocks, scope)

    def _of_scope(self, ord: int, owner: Node | None, blocks: Blocks, scope: Scope) -> Iterator[str]:
        """Of a flowable that goes on where it stood, or of the flow."""
        for name, tasks in blocks.items():
            for task in tasks:
                node, children = self._context.nodes[task], self._children.get((ord, task), [])
                for child in children:
                    yield from self._of_run(child, node)
                if _is_ahead(node, owner, name, scope, has_run=bool(children)):
                    yield from self._whole(task)

    def _of_run(self, run: TaskRun, node: Node) -> Iterator[str]:
        if run.ord not in self._after.runs:
            return iter(())
        scope = self._after.scopes.get(run.ord)
        return self._of_lists(node.blocks) if scope is None else self._of_scope(run.ord, node, node.blocks, scope)

    def _of_lists(self, blocks: Blocks) -> Iterator[str]:
        for tasks in blocks.values():
            for task in tasks:
                yield from self._whole(task)

    def _whole(self, task: str) -> Iterator[str]:
        return self._context.below(task)


def _is_ahead(node: Node, owner: Node | None, name: str, scope: Scope, *, has_run: bool) -> bool:
    """Whether a list of a scope has still to come to a task."""
    if node.block != "tasks":
        return node.block in TAIL and not has_run
    if scope.block != "tasks":
        return False
    if owner is not None and isinstance(owner.task, _BY_VALUE):
        return True
    if owner is not None and isinstance(owner.task, If | Switch) and name != scope.branch:
        return False
    return not has_run and (_is_dag(owner) or node.place >= scope.next)


def _is_dag(owner: Node | None) -> bool:
    return owner is not None and bool(owner.needs)
