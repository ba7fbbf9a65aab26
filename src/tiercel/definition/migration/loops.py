"""Loops of 1.x as Loop, whose rounds are executions of their own: only where nothing looks into or out of a round."""

import re
from collections.abc import Iterator

from tiercel.definition.defaults import full_name
from tiercel.definition.document import texts
from tiercel.definition.edits import Edit
from tiercel.definition.migration.draft import Draft
from tiercel.definition.migration.expressions import expressions, replaced, within
from tiercel.definition.migration.step import Resolve, Step
from tiercel.definition.problem import Path
from tiercel.definition.walk import Written, children, tasks
from tiercel.model.flowable import (
    AllowFailure,
    Approval,
    EachParallel,
    EachSequential,
    ForEach,
    ForEachItem,
    Loop,
    Pause,
    Updater,
)

_FLOW = "io.kestra.plugin.core.flow."
_LOOPS = (ForEach, EachSequential, EachParallel)
_STATES = ("io.kestra.plugin.core.state.", "io.kestra.core.tasks.states.")
"""What these keep, they keep by the value of the loop."""
_OF_THE_LOOP = ("errors", "finally", "allowFailure", "allowWarning", "retry", "timeout", "runIf", "when")
_LOOKS_OUT = re.compile(
    r"\b(?:parents?|execution|tasks|errorLogs|currentEachOutput|iterationOutput|parentOutput)\b|\btaskrun\.(?:value|iteration)\b"
)
_ERRORS = re.compile(r"\berrorLogs\(")
_OUTPUTS = r"\boutputs(?:\.\w+|\[['\"][\w-]+['\"]\])"
_ROUND = r"(?<![\w.])taskrun"
"""The round as a task directly in the loop names it."""
_ROUND_AROUND = r"(?<![\w.])(?:parent|parents\[0\])\.taskrun"
"""The round as a task further in names it: there `taskrun` has no value of its own."""


def loops(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """ForEach, EachSequential and EachParallel."""
    found = list(tasks(draft.document))
    for task in found:
        if task.model not in _LOOPS:
            continue
        name = task.type_name.rpartition(".")[2]
        reason = _reason_to_leave(draft, task, found)
        if reason:
            yield Step(draft.line(task.path), f"write `{task.id}` as a Loop by hand: {reason}")
        elif task.model is EachParallel and len(list(children(task))) > 1:
            yield _at_once(draft, task, {each.id for each in found})
        else:
            yield Step(draft.line(task.path), f"`{task.id}`: {name} has become Loop", tuple(_edits(draft, task)))


# Where it is certain ----------------------------------------------------------------------------------------------------


def _reason_to_leave(draft: Draft, task: Written, found: list[Written]) -> str | None:
    inside = list(_below(task))
    names = {child.id for child in inside}
    if not task.data.keys() & {"value", "values"}:
        return "it has no values"
    if any(child.model in (*_LOOPS, Loop, ForEachItem) for child in inside) or _is_in_a_loop(task, found):
        return "loops within loops name each other's values"
    if task.data.get("concurrent") and len(list(children(task))) > 1:
        return "its `concurrent` counts tasks, that of a Loop counts rounds"
    if own := [name for name in _OF_THE_LOOP if name in task.data]:
        return f"its `{own[0]}` would be that of each round"
    if kept := [child.id for child in inside if _looks_at_the_execution(child)]:
        return f"`{kept[0]}` changes, holds or excuses an execution, and each round of a Loop is one of its own"
    if outside := _named_outside(draft, task, names):
        return f"what its tasks leave is read outside of it: {outside}"
    return _reason_in_texts(task, inside)


def _below(task: Written) -> Iterator[Written]:
    for child in children(task):
        yield child
        yield from _below(child)


def _is_in_a_loop(task: Written, found: list[Written]) -> bool:
    return any(
        other.model in (*_LOOPS, Loop) and other.path != task.path and task.path[: len(other.path)] == other.path
        for other in found
    )


def _looks_at_the_execution(task: Written) -> bool:
    is_lenient = bool(task.data.get("allowFailure") or task.data.get("allowWarning"))
    has_state = full_name(task.type_name).startswith(_STATES)
    return is_lenient or has_state or issubclass(task.model, Updater | Pause | Approval | AllowFailure)


def _named_outside(draft: Draft, task: Written, names: set[str]) -> str | None:
    """A text outside of the loop that reads what its tasks have left: outputs, states, errors."""
    outside = (text for path, text in texts(draft.document.data) if path[: len(task.path)] != task.path)
    for text in outside:
        if any(_ERRORS.search(one) or any(_reads(one, name) for name in names) for one in expressions(text)):
            return text.strip().splitlines()[0]
    return None


def _reads(text: str, name: str) -> bool:
    return re.search(rf"{_mention(name)}|\btasks\.{re.escape(name)}\b", text) is not None


def _mention(name: str) -> str:
    return rf"\boutputs(?:\.{re.escape(name)}\b|\[['\"]{re.escape(name)}['\"]\])"


def _reason_in_texts(task: Written, inside: list[Written]) -> str | None:
    """Expressions that do not say the same in a Loop, however they are written."""
    for path, text in texts(task.data, task.path):
        round_ = _round_at(path, task)
        if any(_LOOKS_OUT.search(_rewritten(one, round_)) for one in expressions(text)):
            return f"an expression looks out of the round: {text.strip().splitlines()[0]}"
        rendered = " ".join(expressions(text))
        if read := [child.id for child in inside if not _reads_this_round(rendered, child.id, round_)]:
            return f"an expression reads `outputs.{read[0]}` of all rounds: {text.strip().splitlines()[0]}"
    return None


def _round_at(path: Path, task: Written) -> str:
    """How an expression at a place names the round: as deep as the task that it stands in."""
    direct = [child.path for child in children(task) if path[: len(child.path)] == child.path]
    further = [
        inner.path
        for child in children(task)
        for inner in _below(child)
        if path[: len(inner.path)] == inner.path and child.path in direct
    ]
    return _ROUND_AROUND if further else _ROUND


def _reads_this_round(text: str, name: str, round_: str) -> bool:
    """Is every mention of a task's outputs one of this round alone?"""
    mention = _mention(name)
    of_round = rf"currentEachOutput\(\s*{mention}\s*\)|{mention}\[{round_}\.value\]"
    return len(re.findall(mention, text)) == len(re.findall(of_round, text))


# How it is written ------------------------------------------------------------------------------------------------------


def _rewritten(expression: str, round_: str) -> str:
    """An expression of a loop's task as a Loop's task says it."""
    for pattern, new in (
        (rf"\bcurrentEachOutput\(\s*({_OUTPUTS})\s*\)", r"\1"),
        (rf"({_OUTPUTS})\[{round_}\.value\]", r"\1"),
        (rf"{round_}\.value\b", "item.value"),
        (rf"{round_}\.iteration\b", "item.index"),
    ):
        expression = re.sub(pattern, new, expression)
    return expression


def _edits(draft: Draft, task: Written) -> list[Edit]:
    edits = [*draft.put((*task.path, "type"), f"{_FLOW}Loop"), *_values(draft, task)]
    for path, text in texts(task.data, task.path):
        round_ = _round_at(path, task)
        if "{" in text and path[len(task.path)] not in ("value", "values"):
            edits += replaced(draft, path, lambda expression, round_=round_: _rewritten(expression, round_))
    return edits


def _values(draft: Draft, task: Written) -> list[Edit]:
    """EachParallel runs all rounds at once where it says nothing; Loop runs one after the other."""
    path = (*task.path, "value")
    if task.model is ForEach:
        return []
    if task.model is EachParallel and "concurrent" not in task.data:
        return draft.replace(path, {"values": task.data["value"], "concurrencyLimit": 0})
    limit = draft.rename((*task.path, "concurrent"), "concurrencyLimit") if "concurrent" in task.data else []
    return [*draft.rename(path, "values"), *limit]


def _at_once(draft: Draft, task: Written, names: set[str]) -> Step:
    """The tasks of an EachParallel run at the same time: in a Loop a Parallel has to say so."""
    lines = draft.lines((*task.path, "tasks"))
    name = f"{task.id}_at_once"
    if lines is None or name in names:
        return Step(draft.line(task.path), f"write `{task.id}` as a Loop by hand: put its tasks into a Parallel")
    margin = " " * lines.dash
    head = f"{margin}- id: {name}\n{margin}  type: {_FLOW}Parallel\n{margin}  tasks:\n"
    # One step further in, tasks name the round as their parent's.
    text = within(
        lines.text, lambda expression: re.sub(rf"{_ROUND}(?=\.(?:value|iteration)\b)", "parent.taskrun", expression)
    )
    inner = "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))
    edit = Edit(lines.start, lines.start + len(lines.text), head + inner)
    return Step(draft.line(task.path), f"the tasks of `{task.id}` stand in a Parallel", (edit,))
