"""A new execution as a copy of another one: from its start, from one of its task runs, or from what failed of it.

The source is only read. What is kept of it keeps its outputs; what comes after the chosen task run is left out, and what
was under way elsewhere begins again.
"""

from collections.abc import Iterator, Mapping

from immutables import Map

from tiercel.engine.events import Replay
from tiercel.engine.plan import FlowContext
from tiercel.engine.reopening import (
    LIFE,
    TAIL,
    Plan,
    all_below,
    ancestors,
    failed_plan,
    has_begun,
    is_anew,
    reopened,
    successors,
    with_all_below,
)
from tiercel.engine.turn import replace
from tiercel.model.dynamic import of_the_flow
from tiercel.model.errors import TiercelError
from tiercel.model.execution import ADMIT, Changes, Execution, Label, Metadata, Step, merged_labels
from tiercel.model.history import born
from tiercel.model.ids import task_run_id
from tiercel.model.states import REPLAY_MOVES, State
from tiercel.model.task_run import ROOT, TaskRun

Runs = Mapping[int, TaskRun]

REPLAYED = Label("system.replayed", "true")
"""What the source is labelled with."""


class NotReplayable(TiercelError):
    """There is nothing in the source to begin from."""


def replay(context: FlowContext, source: Execution, runs: Runs, event: Replay, *, id: str) -> Execution:
    """The new execution, complete: its steps set it going. `context` is that of the revision it runs."""
    fresh = _fresh(context, source, event, id=id)
    if event.task_run is None and not event.is_restart:
        return fresh
    known = dict(_still_there(context, of_the_flow(runs)))
    plan = _failed_plan(context, source, known) if event.is_restart else _plan(context, known, event.task_run)
    dynamic = dict(_still_added(runs, known, plan))
    copies = _copies({**known, **dynamic}, plan.again, id=id)
    now = reopened(context, of_the_flow(copies), plan, at=event.at, generation=LIFE, moves=REPLAY_MOVES)
    return replace(
        fresh,
        state=source.state.move(State.RESTARTED, at=event.at, moves=REPLAY_MOVES),
        outputs=source.outputs,
        next_ord=source.next_ord,
        runs=now.runs,
        scopes=now.scopes,
        results=now.results,
        states=now.states,
        busy=now.busy,
        pending=now.steps,
        changes=replace(fresh.changes, runs=Map(now.kept).update((ord, copies[ord]) for ord in dynamic)),
    )


def _fresh(context: FlowContext, source: Execution, event: Replay, *, id: str) -> Execution:
    """The copy of an execution in which nothing has run."""
    label = Label("system.restarted" if event.is_restart else "system.replay", "true")
    metadata = source.metadata
    return Execution(
        id=id,
        tenant=source.tenant,
        namespace=source.namespace,
        flow_id=source.flow_id,
        flow_revision=context.revision,
        state=born(event.at),
        metadata=Metadata(metadata.attempt_number + 1, metadata.original_created_date),
        kind=source.kind,
        labels=merged_labels(_without_trace(source.labels), (label,)),
        inputs=source.inputs if event.inputs is None else event.inputs,
        variables=source.variables if event.revision is None else None,
        trigger=source.trigger,
        parent_id=source.id,
        original_id=source.original_id or source.id,
        iteration=source.iteration,
        templates=dict(context.templates),
        breakpoints=event.breakpoints,
        pending=(Step(ADMIT, ROOT),),
        changes=Changes(created=True, header=True, labels=True),
    )


def _without_trace(labels: tuple[Label, ...]) -> tuple[Label, ...]:
    """That the source was replayed itself says nothing about the new one."""
    return tuple(label for label in labels if label.key != REPLAYED.key)


def _still_there(context: FlowContext, runs: Runs) -> Iterator[tuple[int, TaskRun]]:
    """The task runs whose tasks the revision has, in the same place."""
    kept: set[int] = {ROOT}
    for ord, run in sorted(runs.items()):
        node = context.nodes.get(run.task_id)
        owner = None if run.parent == ROOT else runs[run.parent].task_id
        if node is not None and run.parent in kept and (owner is None or node.parent == owner):
            kept.add(ord)
            yield ord, run


def _still_added(runs: Runs, known: Runs, plan: Plan) -> Iterator[tuple[int, TaskRun]]:
    """The dynamic task runs of those that stay as they are; what runs again adds its own."""
    stays = known.keys() - plan.gone - plan.open
    return ((ord, run) for ord, run in runs.items() if run.dynamic and run.parent in stays)


def _copies(runs: Runs, again: frozenset[int], *, id: str) -> dict[int, TaskRun]:
    """The same task runs with ids of the new execution's own.

    One that runs again gave nothing yet: the execution that a Subflow started there tells the source of its end, not this one.
    """
    ids = {
        run.id: task_run_id(id, scope=run.id, task=run.task_id, value="", iteration=-1, generation=0)
        for run in runs.values()
    }
    return {
        ord: replace(
            run,
            id=ids[run.id],
            parent_task_run_id=_renamed(ids, run.parent_task_run_id),
            outputs=None if ord in again else run.outputs,
        )
        for ord, run in runs.items()
    }


def _renamed(ids: Mapping[str, str], name: str | None) -> str | None:
    return None if name is None else ids.get(name)


# What runs again -------------------------------------------------------------------------------------------------------


def _plan(context: FlowContext, runs: Runs, meant: str | None) -> Plan:
    target = next((run for run in runs.values() if run.id == meant), None)
    if target is None:
        raise NotReplayable(f"Task run id '{meant}' not found in execution, among those whose task the flow still has")
    chain = [target.ord, *ancestors(runs, target)]
    if context.nodes[runs[chain[-1]].task_id].block == "afterExecution":
        raise NotReplayable(f"`{target.task_id}` runs after the end: an execution cannot begin from it")
    target, chain = _whole(context, runs, chain)
    later = {*successors(context, runs, target), *_later_tails(context, runs, chain)}
    gone = with_all_below(runs, later) | all_below(runs, [target.ord])
    begins_whole = context.nodes[target.task_id].is_leaf or is_anew(context, target)
    unfinished = _unfinished(context, runs, gone | {*chain})
    return Plan(
        again=frozenset({target.ord} if begins_whole else ()) | unfinished.again,
        above=frozenset(chain[1:]) | unfinished.above,
        anew=frozenset(() if begins_whole else {target.ord}),
        gone=gone | unfinished.gone,
    )


def _whole(context: FlowContext, runs: Runs, chain: list[int]) -> tuple[TaskRun, list[int]]:
    """A task of a flowable that can only begin as a whole stands for that one."""
    for place in reversed(range(1, len(chain))):
        if is_anew(context, runs[chain[place]]):
            return runs[chain[place]], chain[place:]
    return runs[chain[0]], chain


def _later_tails(context: FlowContext, runs: Runs, chain: list[int]) -> Iterator[int]:
    """What ran in errors and finally of the flowables around, except what ran before the chosen task run."""
    inside = {runs[ord].parent: context.nodes[runs[ord].task_id] for ord in chain}
    for ord, run in runs.items():
        chosen, node = inside.get(run.parent), context.nodes[run.task_id]
        if chosen is None or node.block not in TAIL or ord in chain:
            continue
        if (chosen.block, node.block) == ("finally", "errors"):
            continue
        if chosen.block != node.block or node.place > chosen.place:
            yield ord


def _unfinished(context: FlowContext, runs: Runs, apart: frozenset[int]) -> Plan:
    """What is under way in the source begins again here; a flowable goes on with its children."""
    busy = [run for ord, run in sorted(runs.items()) if ord not in apart and run.is_open]
    whole = {run.ord for run in busy if context.nodes[run.task_id].is_leaf or is_anew(context, run)}
    gone = all_below(runs, whole)
    above = frozenset(run.ord for run in busy if run.ord not in whole) - gone
    return Plan(again=frozenset(whole - gone), above=above, gone=gone)


def _failed_plan(context: FlowContext, source: Execution, runs: Runs) -> Plan:
    if source.state.current is not State.FAILED:
        raise NotReplayable(f"only an execution that has FAILED can be restarted; it is {source.state.current}")
    plan = failed_plan(context, runs)
    if has_begun(runs, plan) and not plan.open:
        raise NotReplayable("no task of the execution failed, so there is none to restart from; replay it instead")
    return plan
