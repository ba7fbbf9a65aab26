"""How the actions of a case wait for something, and look whether it is as they expect."""

from collections.abc import Iterator

from tests.conformance.installation import Seen
from tests.conformance.play import Action, Play

from tiercel.definition.typed import plain
from tiercel.model.execution import Kind
from tiercel.model.states import TERMINATED, State


async def wait(play: Play, action: Action) -> None:
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


async def looks(play: Play, action: Action) -> None:
    await play.house.until(lambda: _is_ready(play.seen(action), action), str(action))
    play.check(play.seen(action), action)


def _is_ready(seen: Seen, action: Action) -> bool:
    """What a test asserts right after its last call may still be on its way."""
    wanted = action.get("state")
    return wanted is None or seen.state == wanted or not seen.live


async def await_flow(play: Play, action: Action) -> None:
    def found() -> list[Seen]:
        return [seen for seen in play.house.of_flow(action["flow_id"]) if _fits(seen, action)]

    await play.house.until(lambda: bool(found()), str(action))
    play.name(action, found()[-1].id)
    play.check(found()[-1], {**action, "state": found()[-1].state.value})


async def await_count(play: Play, action: Action) -> None:
    flow, count = action["flow_id"], action["count"]
    await play.house.until(
        lambda: sum(not seen.live for seen in play.house.of_flow(flow)) >= count, f"{count} executions of {flow}"
    )


async def await_child(play: Play, action: Action) -> None:
    parent = play.id_of(action)

    def found() -> list[Seen]:
        mine = [seen for seen in play.house.all() if seen.execution.parent_id == parent]
        return [seen for seen in mine if seen.execution.kind is not Kind.LOOP and not seen.live]

    await play.house.until(lambda: bool(found()), str(action))
    play.name(action, found()[-1].id)


async def get_child(play: Play, action: Action) -> None:
    run = next(run for run in play.seen(action).runs if run.task_id == action["task"])
    play.name(action, str((run.outputs or {})["executionId"]))


async def assert_executions(play: Play, action: Action) -> None:
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


async def assert_none(play: Play, action: Action) -> None:
    await play.house.rest()
    if play.house.of_flow(action["flow_id"]):
        play.problems.append(f"there is an execution of {action['flow_id']}")


async def assert_total(play: Play, action: Action) -> None:
    await play.house.rest()
    if len(play.house.of_flow(action["flow_id"])) != action["count"]:
        play.problems.append(f"there are {len(play.house.of_flow(action['flow_id']))} executions")


async def assert_counter(play: Play, action: Action) -> None:
    """Slots are the live executions."""
    await play.house.rest()
    found = [seen for seen in play.house.of_flow(action["flow_id"]) if seen.live]
    if len(found) != action["running"]:
        play.problems.append(f"{len(found)} executions hold a slot, not {action['running']}")


async def await_logs(play: Play, action: Action) -> None:
    await play.house.rest()
