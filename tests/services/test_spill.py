"""Outputs that are too large for rows: what rows and jobs hold of them, at whichever commit the process fails."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.services.house import House, at_rest, with_flows
from tests.services.jobs import a_job, a_place
from tests.services.tasks import a_catalog
from tests.services.test_recovery import Failing, until_death

from tiercel.adapters.memory.clock import ManualClock
from tiercel.adapters.memory.flows import MemoryFlowStore
from tiercel.adapters.memory.journal import MemoryJournal, Tables
from tiercel.adapters.storage.files import ObjectStorage
from tiercel.expression import ExpressionError, HostCall
from tiercel.model.execution import Execution
from tiercel.model.spilled import KEEP, RECALL, REFERENCE, OutputLimits, is_spilled
from tiercel.model.states import State
from tiercel.plugins import TYPES
from tiercel.sdk import RunInfo
from tiercel.services.spill import TooLarge, keep, kept, recall, shown, whole

LENGTH = 1_200_000
RETURN = "io.kestra.plugin.core.debug.Return"
PURGE = "io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles"
LONG = "{% for i in range(1, 1200) %}" + "0123456789" * 100 + "{% endfor %}"
BIG = f"""
id: big
namespace: test
tasks:
  - {{id: made, type: {RETURN}, format: "{LONG}"}}
  - id: check
    type: io.kestra.plugin.core.flow.If
    condition: "{{{{ outputs.made.value | length == {LENGTH} and kv('yes') == 'yes' }}}}"
    then: [{{id: measure, type: {RETURN}, format: "{{{{ outputs.made.value | length }}}}"}}]
    else: [{{id: lose, type: io.kestra.plugin.core.execution.Fail}}]
outputs: [{{id: all, type: STRING, value: "{{{{ outputs.made.value }}}}"}}]
"""
INFO = RunInfo(
    tenant="main", namespace="company", flow_id="f", flow_revision=1, execution_id="e1", task_id="t", task_type="x",
    task_run_id="r", attempt=1,
)  # fmt: skip


class Storing:
    """A world that keeps outputs, knows one key, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._storage = ObjectStorage.in_folder(folder / "storage")
        self.asked: list[str] = []

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        self.asked.append(call.function)
        match call:
            case HostCall("kv"):
                return "yes"
            case HostCall(function, arguments) if function == RECALL:
                return await recall(self._storage, arguments["uri"])
            case HostCall(function, arguments) if function == KEEP:
                return await keep(self._storage, arguments["outputs"], info)
            case _:
                raise ExpressionError("host", f"nobody knows {call.function}")


def a_house(folder: Path, tables: Tables, flows: MemoryFlowStore, journal: MemoryJournal | None = None) -> House:
    house = House(folder, tables=tables, flows=flows, clock=ManualClock(), journal=journal)
    house.world.answer = Storing(folder).answer
    return house


@pytest.fixture
async def flows() -> MemoryFlowStore:
    return await with_flows(BIG)


def assert_well(tables: Tables, ended: Execution) -> None:
    """It went as it must, and no row holds what is large."""
    assert ended.state.current is State.SUCCESS
    assert is_spilled(ended.outputs)
    assert at_rest(tables) == []
    documents = [document for row in tables.executions.values() for document in row if isinstance(document, bytes)]
    documents += [row.outputs or b"" for runs in tables.task_runs.values() for row in runs.values()]
    documents += [row.body for rows in tables.events.values() for row in rows.values()]
    assert max(map(len, documents)) < 10_000


async def test_rows_and_history_hold_references_alone(tmp_path: Path, flows: MemoryFlowStore) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows).running() as house:
        ended = await house.run("big")
    assert_well(tables, ended)
    [run] = [run for run in house.runs(ended.id) if run.task_id == "measure"]
    assert run.outputs == {"value": str(LENGTH)}


@pytest.mark.parametrize("stored", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", range(1, 7))
async def test_a_failed_commit_asks_again_for_what_rows_do_not_hold(
    tmp_path: Path, flows: MemoryFlowStore, commit: int, *, stored: bool
) -> None:
    tables = Tables()
    async with a_house(tmp_path, tables, flows, Failing(tables, at=commit, stored=stored)).running() as house:
        creation = await house.create("big")
        ended = await house.until_over(creation.created.id)
    assert_well(tables, ended)


@pytest.mark.parametrize("commit", range(1, 5))
async def test_a_dead_process_is_followed_by_one_that_reads_the_files(
    tmp_path: Path, flows: MemoryFlowStore, commit: int
) -> None:
    async def create(house: House) -> list[str]:
        return [(await house.create("big")).created.id]

    tables = Tables()
    accepted = await until_death(tmp_path, tables, flows, commit, create, make=a_house)
    async with a_house(tmp_path, tables, flows).running() as house:
        for identifier in list(tables.executions):
            assert_well(tables, await house.until_over(identifier))
    assert set(accepted) <= set(tables.executions)


@pytest.mark.parametrize(("limits", "size"), [(OutputLimits(inline=10), 11), (OutputLimits(inline=10, most=100), 100)])
async def test_outputs_beyond_the_limit_lie_in_a_file(tmp_path: Path, limits: OutputLimits, size: int) -> None:
    storage = ObjectStorage.in_folder(tmp_path)
    outputs = {"v": "x" * (size - 8)}
    given: Mapping[str, Any] = await kept(storage, outputs, INFO, limits=limits)
    assert given[REFERENCE].startswith("kestra:///company/f/executions/e1/_outputs/")
    assert given["size"] == size
    assert await whole(storage, [given, {"deep": given}]) == [outputs, {"deep": outputs}]


async def test_small_outputs_stay_and_too_large_ones_are_refused(tmp_path: Path) -> None:
    storage = ObjectStorage.in_folder(tmp_path)
    assert await kept(storage, {"v": 1}, INFO, limits=OutputLimits(inline=10)) == {"v": 1}
    assert await kept(storage, None, INFO, limits=OutputLimits(inline=0)) is None
    with pytest.raises(TooLarge, match="message of size 108 has exceeded the configured limit of 100"):
        await kept(storage, {"v": "x" * 100}, INFO, limits=OutputLimits(inline=10, most=100))


async def test_those_who_look_see_the_reference_where_the_file_was_purged(tmp_path: Path) -> None:
    storage = ObjectStorage.in_folder(tmp_path)
    given = await keep(storage, {"v": 1}, INFO)
    await storage.delete(given[REFERENCE])
    assert await shown(storage, {"a": given}) == {"a": given}


async def test_a_worker_reads_what_its_expressions_name_and_says_what_is_gone(tmp_path: Path) -> None:
    async with a_place(tmp_path, catalog=a_catalog()) as place:
        given = await keep(place.storage, {"value": "long"}, INFO)
        job = a_job("io.test.Rendering", {"template": "{{ outputs.big.value }}"}, variables={"outputs": {"big": given}})
        outcome = await place.runner.run(job)
        assert (outcome.state, outcome.outputs) == (State.SUCCESS, {"seen": "long"})
        await place.storage.delete(given[REFERENCE])
        outcome = await place.runner.run(job)
        assert outcome.state is State.FAILED
        assert outcome.error is not None
        assert outcome.error.endswith("are gone: they were purged")


async def test_a_file_of_outputs_is_not_purged_with_the_files_of_its_execution(tmp_path: Path) -> None:
    catalog = a_catalog({PURGE: TYPES[PURGE]})
    async with a_place(tmp_path, catalog=catalog) as place:
        await place.runner.run(a_job("io.test.Filing"))
        info = RunInfo(
            tenant="main", namespace="company.team", flow_id="orders_flow", flow_revision=1,
            execution_id="0VexecutionexecutionA1", task_id="work", task_type="x", task_run_id="r", attempt=1,
        )  # fmt: skip
        given = await keep(place.storage, {"v": 1}, info)
        outcome = await place.runner.run(a_job(PURGE))
        assert outcome.outputs is not None
        assert len(outcome.outputs["uris"]) == 1
        assert await place.storage.exists(given[REFERENCE])
