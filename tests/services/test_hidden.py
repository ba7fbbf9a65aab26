"""Whatever goes wrong with a secret, and wherever: nobody reads it."""

import traceback
from pathlib import Path

import pytest
from tests.services.house import House, with_flows
from tests.services.jobs import a_job

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.journal import Tables
from tiercel.model.states import State
from tiercel.ports.logs import LogQuery
from tiercel.services.creator import BlockedByChecks, InvalidInputs, Wish
from tiercel.services.log_file import LogFile
from tiercel.services.rendering import JobRendering
from tiercel.services.run_context import InstantContext, run_info
from tiercel.services.run_folders import RunFolders
from tiercel.services.run_log import RunLog

LOG, RETURN, FLOW = "io.kestra.plugin.core.log.Log", "io.kestra.plugin.core.debug.Return", "io.kestra.plugin.core.flow."
SECRET, TOKEN, KNOWN = "s3cr3t-answer", "t0ken-given", "kv-answer"


def flow(name: str, tasks: str = "", *, more: str = "") -> str:
    return f"id: {name}\nnamespace: test\ninputs: [{{id: token, type: SECRET, required: false}}]\n{more}\ntasks:\n{tasks}\n"


FAILING = {
    "in_a_task": f"- {{id: t, type: {LOG}, message: \"{{{{ secret('K') | number }}}}\"}}",
    "in_a_task_by_input": f'- {{id: t, type: {LOG}, message: "{{{{ inputs.token | number }}}}"}}',
    "in_a_condition": f"- {{id: t, type: {FLOW}If, condition: \"{{{{ secret('K') | number }}}}\", then: [{{id: u, type: {LOG}, message: x}}]}}",
    "in_a_condition_by_input": f'- {{id: t, type: {FLOW}If, condition: "{{{{ inputs.token | number }}}}", then: [{{id: u, type: {LOG}, message: x}}]}}',
    "in_a_key": f'- {{id: t, type: {LOG}, message: "{{{{ outputs[inputs.token] }}}}"}}',
    "in_values": f'- {{id: t, type: {FLOW}ForEach, values: "{{{{ inputs.token }}}}", tasks: [{{id: u, type: {LOG}, message: x}}]}}',
    "by_a_case": f'- {{id: t, type: {FLOW}Switch, value: "{{{{ inputs.token }}}}", cases: {{a: [{{id: u, type: {LOG}, message: x}}]}}}}',
}
OUTPUTS = flow(
    "in_outputs",
    f"- {{id: t, type: {LOG}, message: x}}",
    more='outputs: [{id: n, type: INT, value: "{{ inputs.token }}"}]',
)
CHECKED = """
id: checked
namespace: test
inputs:
  - {id: token, type: SECRET, validator: "[0-9]+", required: false}
  - {id: number, type: INT, required: false, defaults: "{{ secret('K') }}"}
checks:
  - {when: "{{ (inputs.token ?? 'none') == 'none' }}", message: "{{ inputs.token }} and {{ secret('K') }} will not do", behavior: BLOCK_EXECUTION}
tasks: [{id: t, type: io.kestra.plugin.core.log.Log, message: x}]
"""
SAID = flow(
    "said", f"- {{id: t, type: {LOG}, message: \"{{{{ secret('K') }}}} {{{{ kv('v') }}}} {{{{ inputs.token }}}}\"}}"
)


@pytest.fixture
async def house(tmp_path: Path) -> House:
    flows = await with_flows(*(flow(name, tasks) for name, tasks in FAILING.items()), OUTPUTS, CHECKED, SAID)
    made = House(tmp_path, tables=Tables(), flows=flows, clock=ManualClock())
    made.world.values |= {"secret": SECRET, "kv": KNOWN}
    return made


async def lines(house: House) -> list[str]:
    """What the engine and the tasks have said."""
    return [entry.message async for entry in house.logs.read(LogQuery())]


@pytest.mark.parametrize("name", [*FAILING, "in_outputs"])
async def test_an_error_shows_stars(house: House, name: str) -> None:
    async with house.running():
        ended = await house.run(name, token=TOKEN)
    said = await lines(house)
    assert (ended.state.current in (State.FAILED, State.SUCCESS), said != []) == (True, True)
    assert not any(hidden in line for hidden in (SECRET, TOKEN) for line in said)
    assert any("******" in line for line in said)


async def test_what_a_task_says_shows_stars_for_values_of_the_key_value_store_too(house: House) -> None:
    async with house.running():
        await house.run("said", token=TOKEN)
    assert await lines(house) == ["****** ****** ******"]


@pytest.mark.parametrize("given", [{"token": TOKEN}, {"token": "123456789"}, {}])
async def test_a_refusal_shows_stars(house: House, given: dict[str, str]) -> None:
    await house.registry.load()
    with pytest.raises((InvalidInputs, BlockedByChecks)) as raised:
        await house.creator.make(Wish(namespace="test", flow_id="checked", inputs=given))
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert not any(hidden in told for hidden in (SECRET, TOKEN, "123456789"))


def test_metrics_carry_no_secret() -> None:
    job = a_job(LOG)
    context = InstantContext(job, at=job.at, rendering=JobRendering(job))
    context.mask(SECRET)
    context.counter(f"calls of {SECRET}", 1, url=f"https://host/?key={SECRET}")
    (entry,) = context.entries
    assert (entry.name, entry.tags) == ("calls of ******", {"url": "https://host/?key=******"})


def test_a_log_that_is_a_file_shows_stars(tmp_path: Path) -> None:
    job = a_job(LOG, log_to_file=True)
    folders = RunFolders(tmp_path, name="run")
    file = LogFile(folders)
    rendering = JobRendering(job)
    rendering.masker.add(SECRET)
    RunLog(run_info(job), sink=file.add, now=lambda: job.at, masker=rendering.masker).info(f"the key is {SECRET}")
    assert (folders.private_dir / "log").read_text().endswith("INFO the key is ******\n")
