"""How the actions of a case take executions in hand."""

import re

import yaml
from tests.conformance.begin import bare, deployed_of, given_value, namespace_of
from tests.conformance.installation import Seen
from tests.conformance.judge import has_value
from tests.conformance.play import Action, Play, Unsupported

from tiercel import engine
from tiercel.engine import events as engine_events
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.services.creator import Wish


async def kill(play: Play, action: Action) -> None:
    await play.tell(action, engine_events.Kill, target=State(action.get("to_state", "KILLED")))


async def resume(play: Play, action: Action) -> None:
    seen, given = play.seen(action), action.get("inputs") or {}
    given = {name: await given_value(play, value) for name, value in given.items()}
    inputs = await play.house.server.resuming.inputs(seen.execution, seen.runs, given)
    await play.tell(action, engine_events.Resume, inputs=inputs)


async def restart(play: Play, action: Action) -> None:
    if "revision" in action:
        await _replayed(play, action, is_restart=True)
    else:
        await play.tell(action, engine_events.Restart)


async def replay(play: Play, action: Action) -> None:
    await _replayed(play, action, is_restart=False)


async def _replayed(play: Play, action: Action, *, is_restart: bool) -> None:
    identifier = _of_path(play, action)
    play.before = play.house.seen(identifier)
    run = _run_meant(play.before, action)
    told = await play.house.server.executor.replay(
        identifier,
        task_run=None if run is None else run.id,
        revision=action.get("revision"),
        is_restart=is_restart,
    )
    play.name(action, told.execution.id)
    play.answer(action, told)


def _of_path(play: Play, action: Action) -> str:
    """`loop1[0]`, `loop2[0]`: the iteration in which the task lies."""
    identifier = play.id_of(action)
    for step in action.get("from_loop_path", []):
        number = int(step.partition("[")[2].rstrip("]"))
        identifier = play.house.iterations(play.house.seen(identifier))[number].id
    return identifier


def _run_meant(seen: Seen, action: Action) -> TaskRun | None:
    if "from_taskrun_index" in action:
        return seen.runs[action["from_taskrun_index"]]
    task, value = action.get("from_task") or action.get("task"), action.get("from_value")
    runs = [run for run in seen.runs if run.task_id == task and (value is None or has_value(seen, run, value))]
    return runs[0] if runs else None


async def change(play: Play, action: Action) -> None:
    seen = play.seen(action)
    run = seen.runs[action["taskrun_index"]] if "taskrun_index" in action else _run_meant(seen, action)
    if run is None:
        raise Unsupported("there is no such task run")
    if run.state.current is State.PAUSED:
        await play.tell(action, engine_events.Resume, task_run=run.id)
    else:
        await play.tell(action, engine_events.ChangeTaskRun, task_run=run.id, state=State(action["state"]))


async def update_flow(play: Play, action: Action) -> None:
    """The changes that the cases describe in words."""
    flow = next(flow for flow in play.house.server.registry.all() if flow.id == action["flow_id"])
    change = action["change"]
    if replaced := re.search(r"task (\w+) becomes a Return with format \"(.*)\"", change):
        source = yaml.safe_load(flow.source)
        task = next(task for task in source["tasks"] if task["id"] == replaced[1])
        task.clear()
        task.update(id=replaced[1], type="io.kestra.plugin.core.debug.Return", format=replaced[2])
    elif "swap the order of the two dependsOn entries" in change:
        source = yaml.safe_load(flow.source)
        source["triggers"][0]["dependsOn"].reverse()
    else:
        raise Unsupported(f"the harness does not know what `{change}` means")
    await play.house.deploy(yaml.safe_dump(source, sort_keys=False))


async def forge(play: Play, action: Action) -> None:
    """An execution in a state that no execution comes to by itself."""
    wish = Wish(namespace=namespace_of(play, action), flow_id=play.case["flow_id"], origin="")
    play.forged = bare(play, wish, deployed_of(play, wish))


async def resume_from_breakpoint(play: Play, action: Action) -> None:
    if play.forged is None:
        await play.tell(action, engine_events.ResumeBreakpoint)
        return
    event = engine_events.ResumeBreakpoint(*play.house.server.executor.moment())
    decision = engine.decide(play.forged.deployed.context, play.forged.execution, event)
    if decision.ignored is None:
        play.problems.append(f"it was not refused with {action['error']!r}")
