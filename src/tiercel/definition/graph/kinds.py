"""How the children of each flowable stand to one another."""

from collections.abc import Mapping

from tiercel.definition.graph.shape import Relation
from tiercel.model.flowable import (
    Approval,
    Dag,
    EachParallel,
    EachSequential,
    Flowable,
    ForEach,
    ForEachItem,
    If,
    Loop,
    Parallel,
    Pause,
    Subflow,
    Switch,
    Tasks,
    Template,
)
from tiercel.model.task import Task

_RELATIONS: dict[type[Task], Relation] = {
    Parallel: Relation.PARALLEL,
    If: Relation.CHOICE,
    Switch: Relation.CHOICE,
    Approval: Relation.CHOICE,
    Loop: Relation.DYNAMIC,
    ForEach: Relation.DYNAMIC,
    EachSequential: Relation.DYNAMIC,
    EachParallel: Relation.DYNAMIC,
    Dag: Relation.DYNAMIC,
}


def relation_of(task: Flowable) -> Relation:
    """The kind of a flowable's cluster."""
    return _RELATIONS.get(type(task), Relation.SEQUENTIAL)


def is_cluster(task: Task) -> bool:
    """Is it drawn with what stands in it? A task that only waits has nothing in it."""
    match task:
        case ForEachItem():
            return False
        case Template():
            return bool(task.tasks)
        case Pause():
            return bool(task.tasks or task.errors or task.finally_)
        case Approval():
            return any(branches(task).values()) or bool(task.errors or task.finally_)
        case _:
            return isinstance(task, Flowable)


def calls_a_flow(task: Task) -> bool:
    return isinstance(task, Subflow | ForEachItem)


def branches(task: If | Switch | Approval) -> Mapping[str, Tasks]:
    """The lists of which one is run, by the name that the edge to it carries."""
    match task:
        case If():
            return {"then": task.then, "else": task.else_}
        case Switch():
            return {**task.cases, "defaults": task.defaults}
        case Approval():
            return {"onWait": task.on_wait, "onApprove": task.on_approve, "onDeny": task.on_deny}


def is_one_by_one(task: Task | None) -> bool:
    """Does a loop begin a value only when the one before has ended?"""
    return isinstance(task, EachSequential) or (isinstance(task, ForEach) and task.concurrency_limit == 1)
