"""The gate before an execution: which limits it asks, for which value of a key, and what becomes of one it cannot ask."""

from typing import Any

from tests.engine.world import Simulation, context_of

from tiercel.engine import events as engine_events
from tiercel.model.bounds import Bound, LimitKey
from tiercel.model.execution import Execution, Kind
from tiercel.model.states import State

WORK = {"id": "work", "type": "test.Work"}
BY_CUSTOMER = {"limit": 1, "key": "{{ inputs.customer }}"}
TEST = LimitKey("main", "test")
ONE_AT_A_TIME = (Bound(TEST, 1),)


def world_of(concurrency: dict[str, Any] | None = None, **more: Any) -> Simulation:
    limited = {} if concurrency is None else {"concurrency": concurrency}
    flow = {"id": "parent", "tasks": [WORK], **limited, **more}
    return Simulation({"parent": context_of(flow)}, answers={"kv('key')": "acme"})


def begin(world: Simulation, **inputs: Any) -> Execution:
    """An execution that has asked for its slots, and got them or not."""
    id = world.create("parent", inputs=inputs)
    while world.inside:
        world.deliver()
    return world.executions[id]


def states(world: Simulation) -> list[State]:
    return [execution.state.current for execution in world.executions.values()]


def test_a_key_lets_so_many_run_for_each_of_its_values() -> None:
    world = world_of(BY_CUSTOMER)
    for customer in ("acme", "acme", "globex"):
        begin(world, customer=customer)
    assert states(world) == [State.RUNNING, State.QUEUED, State.RUNNING]
    world.run()
    assert states(world) == [State.SUCCESS] * 3


def test_a_key_that_cannot_be_rendered_fails_the_execution_with_the_reason() -> None:
    world = world_of(BY_CUSTOMER)
    execution = begin(world)
    assert execution.state.current is State.FAILED
    assert not execution.live
    assert "the key of `concurrency` cannot be rendered" in world.logs[-1].message
    assert "customer" in world.logs[-1].message


def test_a_key_may_ask_the_world_first() -> None:
    world = world_of({"limit": 1, "key": "{{ kv('key') }}"})
    assert [begin(world).state.current, begin(world).state.current] == [State.RUNNING, State.QUEUED]


def test_an_agreement_that_asks_the_world_is_looked_at_before_an_execution_begins() -> None:
    sla = [{"id": "a", "type": "EXECUTION_ASSERTION", "assert": "{{ kv('key') == 'acme' }}", "behavior": "FAIL"}]
    world = world_of(BY_CUSTOMER, sla=sla)
    begin(world, customer="acme")
    world.run()
    assert states(world) == [State.FAILED]


def test_an_execution_that_begins_again_counts_for_the_value_it_had() -> None:
    flow = {"id": "parent", "tasks": [WORK], "concurrency": {"limit": 1, "key": "{{ kv('key') }}"}}
    world = Simulation({"parent": context_of(flow)}, script=lambda _: (State.FAILED, None), answers={})
    execution = begin(world)
    world.run()
    world.answers = {"kv('key')": "another"}
    world.restart(execution.id)
    assert world.executions[execution.id].bounds == execution.bounds


def test_no_value_of_a_key_can_be_read_from_what_is_stored() -> None:
    world = world_of(BY_CUSTOMER)
    [bound] = begin(world, customer="acme").bounds
    assert bound.limit.value
    assert "acme" not in repr(bound)


def test_a_namespace_lets_so_many_run_of_all_its_flows() -> None:
    flows = {id: context_of({"id": id, "tasks": [WORK]}, around=ONE_AT_A_TIME) for id in ("parent", "other")}
    world = Simulation(flows)
    world.create("other")
    assert begin(world).state.current is State.QUEUED
    world.run()
    assert states(world) == [State.SUCCESS] * 2


def test_an_execution_that_another_one_waits_for_runs_in_its_room() -> None:
    subflow = {"id": "sub", "type": "io.kestra.plugin.core.flow.Subflow", "namespace": "test", "flowId": "other"}
    sources = ({"id": "parent", "tasks": [subflow]}, {"id": "other", "tasks": [WORK]})
    world = Simulation({source["id"]: context_of(source, around=ONE_AT_A_TIME) for source in sources})
    begin(world)
    world.run()
    assert states(world) == [State.SUCCESS] * 2


def test_one_that_nobody_waits_for_waits_for_room() -> None:
    subflow = {"id": "sub", "type": "io.kestra.plugin.core.flow.Subflow", "namespace": "test", "flowId": "other"}
    sources = ({"id": "parent", "tasks": [subflow | {"wait": False}, WORK]}, {"id": "other", "tasks": [WORK]})
    world = Simulation({source["id"]: context_of(source, around=ONE_AT_A_TIME) for source in sources})
    begin(world)
    assert states(world) == [State.RUNNING, State.QUEUED]


def test_a_loop_takes_one_slot_whatever_its_iterations_do() -> None:
    loop = {"id": "loop", "type": "io.kestra.plugin.core.flow.Loop", "values": [1, 2], "tasks": [WORK]}
    world = Simulation({"parent": context_of({"id": "parent", "tasks": [loop]}, around=ONE_AT_A_TIME)})
    begin(world)
    assert [execution.bounds for execution in world.executions.values() if execution.kind is Kind.LOOP] == [()]
    world.run()
    assert set(states(world)) == {State.SUCCESS}


def test_a_forced_one_takes_its_slots_and_its_end_frees_them() -> None:
    world = world_of(BY_CUSTOMER)
    begin(world, customer="acme")
    second = begin(world, customer="acme")
    world.tell(second.id, engine_events.ForceRun(at=world.now, seed=world.seed()))
    assert states(world) == [State.RUNNING] * 2
    world.run()
    assert not world.slots
