"""Plays the actions of a case against an installation, one verb after the other."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import msgspec
import yaml
from tests.conformance.installation import Installation, Seen
from tests.conformance.judge import Judge, has_value, says

from tiercel import engine
from tiercel.definition.typed import plain
from tiercel.engine import events as engine_events
from tiercel.model.execution import Kind, Label, TaskRun
from tiercel.model.states import TERMINATED, State
from tiercel.services.creator import InvalidInputs, Made, Wish
from tiercel.services.registry import Deployed
from tiercel.services.residents import Item, Told

Action = dict[str, Any]

EXPECTED = frozenset(
    [
        "returns",
        "do",
        "exec",
        "as",
        "as_",
        "inputs",
        "until",
        "within",
        "timeout",
        "during",
        "flow_id",
        "terminated",
        "not_paused",
        "kind_not",
    ]
)
"""Members of an action that are no expectations."""


class Unsupported(Exception):
    """The harness cannot do this yet; a case that needs it has failed."""


class Play:
    """One case under way: its installation, and the executions it has named."""

    def __init__(self, house: Installation, case: dict[str, Any]) -> None:
        self.house = house
        self.case = case
        self.names: dict[str, str] = {}
        self.judge = Judge(house, self.names)
        self.problems: list[str] = []
        self.before: Seen
        """The execution before the last verb."""
        self.forged: Made | None = None

    async def run(self) -> list[str]:
        """What is wrong after all actions; the first action that goes wrong is the last one."""
        for number, action in enumerate(self.case.get("actions", [])):
            verb = VERBS.get(action["do"])
            if verb is None:
                raise Unsupported(f"the harness has no verb `{action['do']}`")
            await verb(self, action)
            if self.problems:
                return [f"action {number} ({action['do']}): {problem}" for problem in self.problems]
        if self.names and self.case.get("expect"):
            await self._settle()
            self.problems += await self._judged()
        return self.problems

    async def _settle(self) -> None:
        first = self.names.get("e1") or next(iter(self.names.values()))
        last = list(self.names.values())[-1] if len(self.names) > 1 else first
        if "state" in self.case["expect"] or "taskrun_count" in self.case["expect"]:
            await self.house.until(lambda: not self.house.seen(last).live, "the end")

    async def _judged(self) -> list[str]:
        expect = dict(self.case["expect"])
        first, last = self.house.seen(next(iter(self.names.values()))), self.house.seen(list(self.names.values())[-1])
        subject = last if any(action["do"] == "replay" for action in self.case["actions"]) else first
        logs = expect.pop("log_contains", [])
        problems: list[str] = []
        if expect.pop("same_execution_id", False) and len(set(self.names.values())) > 1:
            problems.append("the execution has another id")
        if expect.pop("new_execution_id", False) and len(set(self.names.values())) < 2:
            problems.append("the execution has the same id")
        expect.pop("then_ok_with", None)
        problems += list(self.judge.execution(subject, expect))
        return problems + await self._missing_lines(subject, logs)

    async def _missing_lines(self, seen: Seen, wanted: list[str]) -> list[str]:
        if not wanted:
            return []
        await self.house.rest()
        executions = [seen, *self.house.iterations(seen)]
        lines = [entry.message for one in executions for entry in await self.house.lines(one.id)]
        return [f"no line says {words!r}: {lines[-8:]}" for words in wanted if not says(words, lines)]

    # Executions by name ----------------------------------------------------------------------------------------------

    def id_of(self, action: Action) -> str:
        name = action.get("exec", "e1")
        if name not in self.names and name == "e1" and len(self.names) == 1:
            return next(iter(self.names.values()))
        return self.names[name]

    def seen(self, action: Action) -> Seen:
        return self.house.seen(self.id_of(action))

    def name(self, action: Action, identifier: str) -> None:
        """`as` names what an action makes or finds."""
        name = action.get("as_") or action.get("as")
        if name is not None:
            self.names[name] = identifier

    def check(self, seen: Seen, action: Action) -> None:
        expected = {name: value for name, value in action.items() if name not in EXPECTED}
        self.problems += self.judge.execution(seen, expected)

    # Doing -----------------------------------------------------------------------------------------------------------

    async def tell(self, action: Action, event: type[engine_events.Event], **fields: Any) -> Told:
        """An event for the execution that an action is about."""
        identifier = self.id_of(action)
        self.before = self.house.seen(identifier)
        told = await self.house.server.executor.tell(identifier, event(*self.house.server.executor.moment(), **fields))
        self.answer(action, told)
        return told

    def answer(self, action: Action, told: Told) -> None:
        """What the call itself gives, before the executor goes on."""
        wanted = dict(action.get("returns") or {})
        refusal = action.get("error")
        if refusal is not None and told.ignored is None:
            self.problems.append(f"it was not refused with {refusal!r}")
        elif refusal is None and told.ignored is not None:
            self.problems.append(f"it was refused: {told.ignored}")
        elif wanted:
            self.problems += self.answered(told, wanted)

    def answered(self, told: Told, wanted: dict[str, Any]) -> Iterator[str]:
        seen, before = self._as_answered(told), self.before
        if wanted.pop("same_id", True) is True and wanted.pop("new_id", False) and seen.id == before.id:
            yield "the execution has the same id"
        if wanted.pop("taskrun_ids_new", False) and {run.id for run in seen.runs} & {run.id for run in before.runs}:
            yield "task runs have the same ids"
        for each in wanted.get("taskruns", []):
            for key in ("same_taskrun_id", "new_taskrun_id"):
                if each.pop(key, False) and "index" in each:
                    index = each["index"]
                    if (seen.runs[index].id == before.runs[index].id) != (key == "same_taskrun_id"):
                        yield f"task run {index} has not {key}"
        if wanted.get("parentId", "") is None and seen.execution.parent_id is None:
            wanted.pop("parentId")
        yield from self.judge.execution(seen, wanted)

    def _as_answered(self, told: Told) -> Seen:
        """The execution as the verb answered: its rows as they were, with what this decision changed."""
        execution = told.execution
        runs = {run.ord: run for run in self.before.runs} if execution.id == self.before.id else {}
        runs.update(execution.changes.runs)
        gone = set(execution.changes.removed)
        for ord, run in sorted(runs.items()):
            if run.parent in gone:
                gone.add(ord)
        return Seen(execution, [run for ord, run in sorted(runs.items()) if ord not in gone], execution.live)


# Running --------------------------------------------------------------------------------------------------------------


async def _run(play: Play, action: Action) -> None:
    made = await _made(play, action)
    executor, identifier = play.house.server.executor, made.execution.id
    play.names[action.get("as") or "e1"] = identifier
    answer = asyncio.get_running_loop().create_future()
    executor.accept(Item(identifier, made.created(*executor.moment()), answer=answer, made=made))
    await answer
    await play.house.until(lambda: _has_come(play.house.seen(identifier), action.get("until")), str(action))


async def _made(play: Play, action: Action) -> Made:
    case = play.case
    creator = play.house.server.creator
    given = {**(case.get("inputs") or {}), **(action.get("inputs") or {})}
    given = {name: await _file(play, value) for name, value in given.items()}
    labels = tuple(Label(key, str(value)) for key, value in (action.get("labels") or case.get("labels") or {}).items())
    wish = Wish(
        namespace=_namespace(play, action),
        flow_id=action.get("flow_id") or case["flow_id"],
        inputs={} if case.get("inputs_typed") is False else given,
        labels=labels,
        origin="",
        kind=Kind(action.get("kind", "NORMAL")),
    )
    if case.get("inputs_typed") is not False and given:
        return await creator.make(wish)
    return await _untyped(play, wish, given)


async def _untyped(play: Play, wish: Wish, given: dict[str, Any]) -> Made:
    """What was given as it is, beside the defaults; nothing is required."""
    try:
        made = await play.house.server.creator.make(wish)
        values = made.execution.inputs
    except InvalidInputs as error:
        made, values = None, error.resolution.values
    for name, value in given.items():
        values = _nested(values, name.split("."), value)
    if made is None:
        made = _bare(play, wish, _deployed(play, wish))
    return msgspec.structs.replace(made, execution=msgspec.structs.replace(made.execution, inputs=values))


def _bare(play: Play, wish: Wish, deployed: Deployed) -> Made:
    identifier, at = play.house.server.creator.mint(), play.house.clock.now()
    labels = {label.key: label.value for label in (*deployed.flow.labels, *wish.labels)}
    labels["system.correlationId"] = identifier
    execution = engine.new_execution(
        deployed.context,
        id=identifier,
        at=at,
        labels=tuple(Label(key, value) for key, value in labels.items()),
        kind=wish.kind,
    )
    return Made(execution, deployed)


def _deployed(play: Play, wish: Wish) -> Deployed:
    registry = play.house.server.registry
    stored = registry.latest("main", wish.namespace, wish.flow_id)
    if stored is None:
        raise Unsupported(f"there is no flow {wish.namespace}.{wish.flow_id}")
    return registry.deployed(stored)


def _nested(values: dict[str, Any], path: list[str], value: Any) -> dict[str, Any]:
    name, *rest = path
    return {**values, name: _nested(values.get(name) or {}, rest, value) if rest else value}


def _namespace(play: Play, action: Action) -> str:
    """Flows that an action names lie where the case's own flow lies, or wherever there is one of that name."""
    flow_id = action.get("flow_id") or play.case["flow_id"]
    known = [flow.namespace for flow in play.house.server.registry.all() if flow.id == flow_id]
    own = play.case["namespace"]
    return own if own in known or not known else known[0]


async def _file(play: Play, value: Any) -> Any:
    """`$file…` stands for a file that was uploaded, `$random` and `$same` for a text of this case's own."""
    if value in ("$random", "$same"):
        return "drawn-once"
    if not isinstance(value, str) or not value.startswith("$file"):
        return value
    name, content = "file.txt", "\n".join(f"{number:>020}" for number in range(102)) + "\n"
    if "10 lines" in value or "10 padded" in str(play.case.get("needs")):
        content = "\n".join(f"{number:>020}" for number in range(10)) + "\n"
    if value.startswith("$file:"):
        name, content = value.removeprefix("$file:"), "kestra:\n  a: file\n"
    if "execution id" in value:
        content = next(iter(play.names.values()))
    return await upload(play.house, name, content)


async def upload(house: Installation, name: str, content: str) -> str:
    """Store a file as one that came with a request, and give its address."""
    uri = f"kestra:///io/kestra/tests/inputs/executions/uploaded/inputs/file/{name}"

    async def chunks() -> AsyncIterator[bytes]:
        yield content.encode()

    await house.server.stores.storage.put(uri, chunks())
    return uri


def _has_come(seen: Seen, until: str | None) -> bool:
    if until is None:
        return not seen.live
    if run := re.fullmatch(r"task run '(.*)' (\w+)", until):
        return any(each.task_id == run[1] and each.state.current == run[2] for each in seen.runs)
    return State(until) in seen.states


# Waiting and looking --------------------------------------------------------------------------------------------------


async def _await(play: Play, action: Action) -> None:
    identifier = play.id_of(action)
    await play.house.until(lambda: _fits(play.house.seen(identifier), action), str(action))
    play.check(play.house.seen(identifier), action)


def _fits(seen: Seen, action: Action) -> bool:
    if "state" in action:
        wanted = State(action["state"])
        there = seen.state is wanted and (wanted not in TERMINATED or not seen.live)
        attempts = action.get("attempt_number")
        first = action.get("first_taskrun_attempts")
        there = there and (attempts is None or seen.execution.metadata.attempt_number == attempts)
        return there and (first is None or len(seen.runs[0].attempts) == first)
    if action.get("not_paused"):
        return seen.state is not State.PAUSED
    return not seen.live


async def _assert(play: Play, action: Action) -> None:
    await play.house.until(lambda: _is_ready(play.seen(action), action), str(action))
    play.check(play.seen(action), action)


def _is_ready(seen: Seen, action: Action) -> bool:
    """What a test asserts right after its last call may still be on its way."""
    wanted = action.get("state")
    return wanted is None or seen.state == wanted or not seen.live


async def _await_flow(play: Play, action: Action) -> None:
    def found() -> list[Seen]:
        return [seen for seen in play.house.of_flow(action["flow_id"]) if _fits(seen, action)]

    await play.house.until(lambda: bool(found()), str(action))
    play.name(action, found()[-1].id)
    play.check(found()[-1], {**action, "state": found()[-1].state.value})


async def _await_count(play: Play, action: Action) -> None:
    flow, count = action["flow_id"], action["count"]
    await play.house.until(
        lambda: sum(not seen.live for seen in play.house.of_flow(flow)) >= count, f"{count} executions of {flow}"
    )


async def _await_child(play: Play, action: Action) -> None:
    parent = play.id_of(action)

    def found() -> list[Seen]:
        mine = [seen for seen in play.house.all() if seen.execution.parent_id == parent]
        return [seen for seen in mine if seen.execution.kind is not Kind.LOOP and not seen.live]

    await play.house.until(lambda: bool(found()), str(action))
    play.name(action, found()[-1].id)


async def _get_child(play: Play, action: Action) -> None:
    run = next(run for run in play.seen(action).runs if run.task_id == action["task"])
    play.name(action, str((run.outputs or {})["executionId"]))


async def _assert_executions(play: Play, action: Action) -> None:
    await play.house.rest()
    found = play.house.of_flow(action["flow_id"])
    states = [seen.state.value for seen in found]
    if "count" in action and len(found) != action["count"]:
        play.problems.append(f"there are {len(found)} executions of {action['flow_id']}, not {action['count']}")
    if "all_state" in action and set(states) != {action["all_state"]}:
        play.problems.append(f"they ended {states}")
    if "states" in action and sorted(states) != sorted(action["states"]):
        play.problems.append(f"they ended {states}, not {action['states']}")
    if "states_contain" in action and any(
        states.count(state) < action["states_contain"].count(state) for state in action["states_contain"]
    ):
        play.problems.append(f"they ended {states}, not {action['states_contain']}")
    for state, count in (action.get("state_counts") or {}).items():
        if states.count(state) != count:
            play.problems.append(f"they ended {states}, with {state} {count} times wanted")
    play.problems += _outputs_of(play, found, action)


def _outputs_of(play: Play, found: list[Seen], action: Action) -> Iterator[str]:
    given = [plain(seen.execution.outputs or {}) for seen in found]
    for wanted in action.get("outputs_any") or []:
        if not any(all(play.judge.fits(one.get(key), value) for key, value in wanted.items()) for one in given):
            yield f"none of them gave {wanted}: {given}"
    statuses = [str(one.get("status")) for one in given]
    for status, count in (action.get("outputs_status_counts") or {}).items():
        least = int(str(count).removeprefix(">="))
        if statuses.count(status) < least or (not str(count).startswith(">=") and statuses.count(status) != least):
            yield f"they gave {statuses}, with {status} {count} times wanted"


async def _assert_none(play: Play, action: Action) -> None:
    await play.house.rest()
    if play.house.of_flow(action["flow_id"]):
        play.problems.append(f"there is an execution of {action['flow_id']}")


async def _assert_total(play: Play, action: Action) -> None:
    await play.house.rest()
    if len(play.house.of_flow(action["flow_id"])) != action["count"]:
        play.problems.append(f"there are {len(play.house.of_flow(action['flow_id']))} executions")


async def _assert_counter(play: Play, action: Action) -> None:
    """Slots are the live executions."""
    await play.house.rest()
    found = [seen for seen in play.house.of_flow(action["flow_id"]) if seen.live]
    if len(found) != action["running"]:
        play.problems.append(f"{len(found)} executions hold a slot, not {action['running']}")


async def _await_logs(play: Play, action: Action) -> None:
    await play.house.rest()


# Control --------------------------------------------------------------------------------------------------------------


async def _kill(play: Play, action: Action) -> None:
    await play.tell(action, engine_events.Kill, target=State(action.get("to_state", "KILLED")))


async def _resume(play: Play, action: Action) -> None:
    seen, given = play.seen(action), action.get("inputs") or {}
    given = {name: await _file(play, value) for name, value in given.items()}
    inputs = await play.house.server.resuming.inputs(seen.execution, seen.runs, given)
    await play.tell(action, engine_events.Resume, inputs=inputs)


async def _restart(play: Play, action: Action) -> None:
    if "revision" in action:
        await _replayed(play, action, is_restart=True)
    else:
        await play.tell(action, engine_events.Restart)


async def _replay(play: Play, action: Action) -> None:
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


async def _change(play: Play, action: Action) -> None:
    seen = play.seen(action)
    run = seen.runs[action["taskrun_index"]] if "taskrun_index" in action else _run_meant(seen, action)
    if run is None:
        raise Unsupported("there is no such task run")
    if run.state.current is State.PAUSED:
        await play.tell(action, engine_events.Resume, task_run=run.id)
    else:
        await play.tell(action, engine_events.ChangeTaskRun, task_run=run.id, state=State(action["state"]))


async def _update_flow(play: Play, action: Action) -> None:
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


async def _forge(play: Play, action: Action) -> None:
    """An execution in a state that no execution comes to by itself."""
    wish = Wish(namespace=_namespace(play, action), flow_id=play.case["flow_id"], origin="")
    play.forged = _bare(play, wish, _deployed(play, wish))


async def _resume_from_breakpoint(play: Play, action: Action) -> None:
    if play.forged is None:
        await play.tell(action, engine_events.ResumeBreakpoint)
        return
    event = engine_events.ResumeBreakpoint(*play.house.server.executor.moment())
    decision = engine.decide(play.forged.deployed.context, play.forged.execution, event)
    if decision.ignored is None:
        play.problems.append(f"it was not refused with {action['error']!r}")


VERBS: dict[str, Callable[[Play, Action], Awaitable[None]]] = {
    "run": _run,
    "await": _await,
    "assert": _assert,
    "await_flow": _await_flow,
    "await_flow_count": _await_count,
    "await_child": _await_child,
    "get_child": _get_child,
    "assert_flow_executions": _assert_executions,
    "assert_no_flow_execution": _assert_none,
    "assert_flow_execution_total": _assert_total,
    "assert_concurrency_counter": _assert_counter,
    "await_logs": _await_logs,
    "kill": _kill,
    "resume": _resume,
    "restart": _restart,
    "replay": _replay,
    "mark_as": _change,
    "change_taskrun_state": _change,
    "update_flow": _update_flow,
    "forge_execution": _forge,
    "resume_from_breakpoint": _resume_from_breakpoint,
}
