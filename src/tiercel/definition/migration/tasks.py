"""Tasks that are written in another way now: what stood in a Pause, old runners of scripts, listeners, what is gone."""

from collections.abc import Iterator
from typing import Any, cast

from tiercel.definition.defaults import full_name
from tiercel.definition.edits import Edit
from tiercel.definition.migration.draft import Draft, listed
from tiercel.definition.migration.step import Resolve, Step
from tiercel.definition.problem import Path
from tiercel.definition.walk import Written, entries, tasks
from tiercel.model.conditions import ExecutionStatus, condition_class
from tiercel.model.flowable import Dag, EachParallel, Parallel, Pause, Subflow, task_class

_CORE = "io.kestra.plugin.core."
_ECHO = f"{_CORE}debug.Echo"
_LOG = f"{_CORE}log.Log"
_EARLIER = "io.kestra.core.tasks.scripts."
"""Types that have kept the properties of 0.10, `runner` among them."""
_RUNNERS = {
    "PROCESS": f"{_CORE}runner.Process",
    "DOCKER": "io.kestra.plugin.scripts.runner.docker.Docker",
}
_GONE = {
    f"{_CORE}debug.Echo": "write `log.Log` with a `message`",
    f"{_CORE}state.Set": "write `kv.Set`: it keeps one value, where this merges a map into what is there",
    f"{_CORE}state.Get": "write `kv.Get`: what was kept stays in the state store, and `outputs.….data` becomes `.value`",
    f"{_CORE}state.Delete": "write `kv.Delete`",
    f"{_CORE}flow.ForEachItem": "write a `storage.Split` and a `flow.Loop` over its `uris` around a `flow.Subflow`",
    f"{_CORE}flow.Template": "make the template a flow, and call it with `flow.Subflow`",
    f"{_CORE}log.Fetch": "write `io.kestra.plugin.kestra.logs.Fetch`, which asks a server for them",
    f"{_CORE}execution.Count": "write `io.kestra.plugin.kestra.executions.Query`, or ask the API",
    f"{_CORE}execution.Resume": "call the API with `http.Request`",
    f"{_CORE}trigger.Toggle": "call the API with `http.Request`",
    f"{_CORE}storage.LocalFiles": "write `inputFiles` and `outputFiles` in the tasks that use them",
}
"""Types that a server of 2.0 does not know, and nothing that does the same."""


def echoes(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """Echo has become Log."""
    for task in tasks(draft.document):
        if resolve(task.type_name) == _ECHO and "format" in task.data:
            edits = [*draft.put((*task.path, "type"), _LOG), *draft.rename((*task.path, "format"), "message")]
            yield Step(
                draft.line(task.path), f"`{task.id}`: Echo has become Log, its `format` is the `message`", tuple(edits)
            )


def runners(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """`runner` and `docker` of scripts have become `taskRunner` and `containerImage`."""
    for task in tasks(draft.document):
        kind = _RUNNERS.get(str(task.data.get("runner", "DOCKER")).upper())
        is_old = "runner" in task.data or isinstance(task.data.get("docker"), dict)
        name = full_name(task.type_name)
        if ".scripts." not in name or name.startswith(_EARLIER) or not is_old or kind is None:
            continue
        if "taskRunner" in task.data:
            yield Step(draft.line(task.path), f"`{task.id}` says in two ways where it runs: keep `taskRunner` alone")
            continue
        edits = _runner(draft, task, kind)
        yield Step(draft.line(task.path), f"`{task.id}`: `runner` and `docker` have become `taskRunner`", tuple(edits))


def _runner(draft: Draft, task: Written, kind: str) -> list[Edit]:
    docker = cast(dict[str, Any], task.data.get("docker") or {})
    is_docker = kind == _RUNNERS["DOCKER"]
    further = {name: value for name, value in docker.items() if name != "image"} if is_docker else {}
    image = {"containerImage": docker["image"]} if is_docker and "image" in docker else {}
    runner = {"taskRunner": {"type": kind, **further}}
    if "docker" not in task.data:
        return draft.replace((*task.path, "runner"), runner)
    if "runner" not in task.data:
        return draft.replace((*task.path, "docker"), {**image, **runner})
    return [*draft.replace((*task.path, "runner"), runner), *draft.replace((*task.path, "docker"), image)]


# Pause ----------------------------------------------------------------------------------------------------------------


def pauses(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """The tasks of a Pause stand behind it now."""
    for task in tasks(draft.document):
        if task.model is not Pause or not task.data.get("tasks"):
            continue
        reason = _reason_to_leave(draft, task)
        edits = [] if reason else _moved_behind(draft, task)
        if edits:
            yield Step(draft.line(task.path), f"the tasks of `{task.id}` stand behind it", tuple(edits))
        else:
            why = reason or "they are not written as a list of lines"
            yield Step(draft.line(task.path), f"put the tasks of `{task.id}` behind it by hand: {why}")


def _reason_to_leave(draft: Draft, task: Written) -> str | None:
    around = draft.document.at(task.path[:-2]) if len(task.path) > 2 else None
    kind = task_class(str(cast(dict[str, Any], around).get("type"))) if isinstance(around, dict) else None
    if not task.path or not isinstance(task.path[-1], int) or kind in (Parallel, EachParallel, Dag):
        return "what stands behind it there runs beside it"
    extra = [
        name
        for name in ("errors", "finally", "allowFailure", "timeout", "behavior", "runIf", "when", "disabled")
        if name in task.data
    ]
    return f"its `{extra[0]}` may be meant for them" if extra else None


def _moved_behind(draft: Draft, task: Written) -> list[Edit]:
    whole, lines, around = draft.span(task.path), draft.lines((*task.path, "tasks")), draft.lines(task.path[:-1])
    removal = draft.remove((*task.path, "tasks"))
    if whole is None or lines is None or around is None or not removal:
        return []
    too_deep = " " * (lines.dash - around.dash)
    moved = "".join(line.removeprefix(too_deep) for line in lines.text.splitlines(keepends=True))
    behind = draft.text.find("\n", whole[1]) + 1 or len(draft.text)
    separator = "" if draft.text[:behind].endswith("\n") else "\n"
    return [*removal, Edit(behind, behind, separator + moved)]


# Listeners --------------------------------------------------------------------------------------------------------------


def listeners(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """Listeners have become tasks after the execution."""
    found = list(entries(draft.document, "listeners"))
    if not found:
        return
    after = [task for listener in found for task in _after(listener)]
    is_certain = all(_after(listener) for listener in found) and "afterExecution" not in draft.document.data
    if is_certain:
        edits = tuple(draft.replace(("listeners",), {"afterExecution": after}))
        yield Step(draft.line(("listeners",)), "`listeners` have become `afterExecution`", edits)
    else:
        yield Step(
            draft.line(("listeners",)),
            "write the tasks of `listeners` as `afterExecution` by hand: their conditions cannot be said in one `when`",
        )


def _after(listener: Written) -> list[dict[str, Any]]:
    """The tasks of a listener with its conditions as `when`; none where that cannot be said."""
    written = listed(listener.data.get("conditions"))
    tests = [test for each in written if (test := _state_test(each)) is not None]
    children = [cast(dict[str, Any], task) for task in listed(listener.data.get("tasks")) if isinstance(task, dict)]
    if len(tests) != len(written) or (tests and any(task.keys() & {"when", "runIf"} for task in children)):
        return []
    when = {"when": "{{ " + " and ".join(tests) + " }}"} if tests else {}
    return [{"id": task.get("id"), "type": task.get("type"), **when, **task} for task in children]


def _state_test(condition: Any) -> str | None:
    written = cast(dict[str, Any], condition) if isinstance(condition, dict) else {}
    if condition_class(str(written.get("type"))) is not ExecutionStatus:
        return None
    among = [f'execution.state == "{state}"' for state in listed(written.get("in"))]
    none_of = [f'execution.state != "{state}"' for state in listed(written.get("notIn"))]
    one_of = among if len(among) < 2 else [f"({' or '.join(among)})"]
    return " and ".join([*one_of, *none_of]) or None


# What is gone -----------------------------------------------------------------------------------------------------------


def gone(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """What 2.0 has nothing for that does the same."""
    for task in tasks(draft.document):
        hint = _GONE.get(resolve(task.type_name) or full_name(task.type_name))
        if hint:
            yield Step(draft.line(task.path), f"`{task.id}`: 2.0 has no {task.type_name.rpartition('.')[2]}; {hint}")
        if task.model is Subflow and "outputs" in task.data:
            message = f"`{task.id}`: declare `outputs` in the flow that is called; 2.0 takes none in the task"
            yield Step(draft.line((*task.path, "outputs")), message)
    for path in _worker_groups(draft):
        yield Step(draft.line(path), "`workerGroup` has become `workerSelector`, whose `tags` are chosen anew")
    for name in ("pluginDefaults", "taskDefaults"):
        if name in draft.document.data:
            message = f"a server of 2.0 takes no `{name}`; Tiercel does. For 2.0, write the values into the tasks"
            yield Step(draft.line((name,)), message)


def _worker_groups(draft: Draft) -> Iterator[Path]:
    if "workerGroup" in draft.document.data:
        yield ("workerGroup",)
    for one in (*tasks(draft.document), *entries(draft.document, "triggers")):
        if "workerGroup" in one.data:
            yield (*one.path, "workerGroup")


def backfills(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """`backfill` of a Schedule has no effect."""
    for trigger in entries(draft.document, "triggers"):
        if "backfill" in trigger.data:
            path = (*trigger.path, "backfill")
            yield Step(draft.line(path), "`backfill` has no effect, and is left out", tuple(draft.replace(path, {})))
