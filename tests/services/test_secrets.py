"""Secrets from the first moment to the last: kept encrypted, clear where a flow uses them, starred where people look."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.services.house import CIPHER, House, with_flows

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.journal import Tables
from tiercel.engine.events import Resume
from tiercel.model.sealed import is_sealed
from tiercel.model.states import State
from tiercel.services.creator import InvalidInputs, Wish
from tiercel.services.records import read_events
from tiercel.services.resuming import Resuming

LOG, RETURN, FLOW = "io.kestra.plugin.core.log.Log", "io.kestra.plugin.core.debug.Return", "io.kestra.plugin.core.flow."
USING = f"""
id: using
namespace: test
inputs:
  - {{id: token, type: SECRET, defaults: hunter2}}
  - {{id: nested.key, type: SECRET, required: false}}
tasks:
  - {{id: say, type: {LOG}, message: "with {{{{ inputs.token }}}} and {{{{ inputs.nested.key }}}}"}}
  - id: known
    type: {FLOW}If
    condition: "{{{{ inputs.token == 'hunter2' }}}}"
    then: [{{id: use, type: {RETURN}, format: "Bearer {{{{ inputs.token }}}}"}}]
    else: [{{id: lose, type: io.kestra.plugin.core.execution.Fail}}]
outputs:
  - {{id: issued, type: SECRET, value: "new {{{{ inputs.token }}}}"}}
"""
CALLING = f"""
id: calling
namespace: test
inputs: [{{id: token, type: SECRET}}]
tasks:
  - {{id: sub, type: {FLOW}Subflow, namespace: test, flowId: using, wait: true, inputs: {{token: "{{{{ inputs.token }}}}"}}}}
  - {{id: got, type: {RETURN}, format: "{{{{ outputs.sub.outputs.issued }}}}"}}
"""
DATA = f"""
id: data
namespace: test
inputs: [{{id: data, type: JSON}}]
tasks: [{{id: show, type: {RETURN}, format: "{{{{ inputs.data.deep }}}}"}}]
"""
ASKING = f"""
id: asking
namespace: test
tasks:
  - {{id: wait, type: {FLOW}Pause, onResume: [{{id: word, type: SECRET}}, {{id: hint, type: STRING, defaults: "{{{{ inputs.word }}}}", dependsOn: {{inputs: [word]}}}}]}}
  - {{id: use, type: {RETURN}, format: "{{{{ outputs.wait.onResume.word }}}}"}}
"""
TOLD = f"""
id: told
namespace: test
tasks:
  - id: gate
    type: {FLOW}If
    condition: "{{{{ secret('WORD') == 'open sesame' }}}}"
    then: [{{id: inside, type: {RETURN}, format: "in"}}]
"""


@pytest.fixture
async def house(tmp_path: Path) -> House:
    flows = await with_flows(USING, CALLING, DATA, ASKING, TOLD)
    return House(tmp_path, tables=Tables(), flows=flows, clock=ManualClock())


def lines(house: House) -> list[str]:
    return [row.message for row in house.tables.logs]


def outputs(house: House, execution_id: str, task_id: str) -> Any:
    return next(run.outputs for run in house.runs(execution_id) if run.task_id == task_id)


async def test_a_secret_input_is_kept_encrypted_and_used_in_clear(house: House) -> None:
    async with house.running():
        ended = await house.run("using")
        assert is_sealed(ended.inputs["token"])
        assert CIPHER.decrypt(ended.inputs["token"]["value"]) == "hunter2"
        assert outputs(house, ended.id, "use") == {"value": "Bearer hunter2"}
        assert ended.state.current is State.SUCCESS


async def test_an_optional_secret_may_stay_away(house: House) -> None:
    async with house.running():
        ended = await house.run("using")
    assert ended.inputs["nested"] == {"key": None}


async def test_logs_show_stars(house: House) -> None:
    async with house.running():
        await house.run("using", **{"nested.key": "sesame"})
    assert "with ****** and ******" in lines(house)
    assert not any("hunter2" in line or "sesame" in line for line in lines(house))


async def test_nothing_that_is_stored_of_an_execution_shows_its_secret(house: House) -> None:
    async with house.running():
        ended = await house.run("using")
    stored = [house.tables.executions[ended.id], house.tables.events[ended.id], house.tables.jobs]
    outputs_aside = repr(stored).replace("Bearer hunter2", "")
    assert "hunter2" not in outputs_aside


async def test_a_secret_that_the_world_tells_is_kept_encrypted(house: House) -> None:
    house.world.values["secret"] = "open sesame"
    async with house.running():
        ended = await house.run("told")
        assert outputs(house, ended.id, "inside") == {"value": "in"}
    history = repr([read_events(row) for row in house.tables.events[ended.id].values()])
    assert "Evaluated" in history
    assert "sesame" not in history + repr(house.tables.executions[ended.id])


async def test_a_secret_output_is_encrypted_and_clear_to_the_parent(house: House) -> None:
    async with house.running():
        ended = await house.run("calling", token="hunter2")
        child = outputs(house, ended.id, "sub")["outputs"]
        assert CIPHER.decrypt(child["issued"]["value"]) == "new hunter2"
        assert outputs(house, ended.id, "got") == {"value": "new hunter2"}


async def test_the_same_secret_never_looks_the_same_twice(house: House) -> None:
    async with house.running():
        first, second = await house.run("using"), await house.run("using")
    assert first.inputs["token"] != second.inputs["token"]
    assert first.outputs != second.outputs


async def test_a_secret_of_an_earlier_execution_is_taken_over(house: House) -> None:
    async with house.running():
        first = await house.run("using", token="other")
        made = await house.creator.make(Wish(namespace="test", flow_id="using", kept=first.inputs))
    assert CIPHER.decrypt(made.execution.inputs["token"]["value"]) == "other"


async def test_what_looks_like_a_secret_is_not_opened_for_whoever_gives_it(house: House) -> None:
    async with house.running():
        first = await house.run("using")
        made = await house.creator.make(
            Wish(namespace="test", flow_id="using", inputs={"token": first.inputs["token"]})
        )
    assert json.loads(CIPHER.decrypt(made.execution.inputs["token"]["value"])) == first.inputs["token"]


async def test_an_encrypted_value_cannot_be_smuggled_in_by_data(house: House) -> None:
    async with house.running():
        first = await house.run("using")
        with pytest.raises(InvalidInputs, match="encrypted value"):
            await house.create("data", data={"deep": [first.inputs["token"]]})


async def test_a_secret_given_when_resuming_is_kept_encrypted_and_used_in_clear(house: House) -> None:
    async with house.running():
        creation = await house.create("asking")
        await house.until(creation.created.id, State.PAUSED)
        asking = Resuming(house.registry, house.evaluator, clock=house.clock, dice=house.dice)
        given = await asking.inputs(creation.created, house.runs(creation.created.id), {"word": "sesame"})
        assert (is_sealed(given["word"]), given["hint"]) == (True, "sesame")
        await house.executor.tell(creation.created.id, Resume(*house.executor.moment(), inputs=given))
        ended = await house.until_over(creation.created.id)
        assert is_sealed(outputs(house, ended.id, "wait")["onResume"]["word"])
        assert outputs(house, ended.id, "use") == {"value": "sesame"}
