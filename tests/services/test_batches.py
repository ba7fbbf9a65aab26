"""ForEachItem in the executor: what a restart finds of the executions that stand for the batches."""

from pathlib import Path

from tests.services.house import House, at_rest, with_flows

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.journal import Tables
from tiercel.engine.events import Restart
from tiercel.model.execution import Execution
from tiercel.model.states import State
from tiercel.services.records import read_execution

PARENT = """
id: parent
namespace: test
tasks:
  - {id: rows, type: io.kestra.plugin.core.storage.Write, content: "1\\n2\\n3\\n"}
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{ outputs.rows.uri }}"
    namespace: test
    flowId: child
    inputs: {number: "{{ taskrun.iteration }}"}
outputs: [{id: counted, type: JSON, value: "{{ outputs.each_items.iterations }}"}]
"""
CHILD = """
id: child
namespace: test
inputs: [{id: number, type: INT}]
tasks:
  - {id: fail, type: io.kestra.plugin.core.execution.Fail, condition: "{{ inputs.number == 1 and taskrun.attemptsCount == 0 }}"}
outputs: [{id: number, type: INT, value: "{{ inputs.number }}"}]
"""


def children(tables: Tables) -> list[Execution]:
    found = (read_execution(row) for row in tables.executions.values())
    return sorted((one for one in found if one.flow_id == "child"), key=lambda one: one.inputs["number"])


async def test_a_restart_finds_the_executions_of_the_batches_and_restarts_the_one_that_failed(tmp_path: Path) -> None:
    tables, flows = Tables(), await with_flows(PARENT, CHILD)
    house = House(tmp_path, tables=tables, flows=flows, clock=ManualClock())
    house.world.values = {
        "readPage": {"values": [f"kestra:///{number}" for number in range(3)], "further": None},
        "storeRows": "kestra:///gathered",
    }
    async with house.running():
        failed = await house.run("parent")
        assert [one.state.current for one in children(tables)] == [State.SUCCESS, State.FAILED, State.SUCCESS]
        await house.executor.tell(failed.id, Restart(*house.executor.moment()))
        ended = await house.until_over(failed.id)
        assert ended.outputs == {"counted": {"CREATED": 0, "RUNNING": 0, "SUCCESS": 3}}
        assert [len(one.state.histories) for one in children(tables)] == [3, 6, 3]
        stored = [call for call in house.world.asked if call.function == "storeRows"][-1]
        assert stored.arguments["rows"] == [{"number": 0}, {"number": 1}, {"number": 2}]
    assert at_rest(tables) == []
