"""Outputs of five megabytes: kept in internal storage, and seen as any others by expressions, flows and people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tests.api.client import Api, good, wait_for
from tests.server import Served, settings_for, threaded

LENGTH = 5_000_000
RETURN, KV, FLOW = "io.kestra.plugin.core.debug.Return", "io.kestra.plugin.core.kv.", "io.kestra.plugin.core.flow."
LONG = "{% for i in range(1, 5000) %}" + "0123456789" * 100 + "{% endfor %}"
MADE = f"""
  - {{id: keep, type: {KV}Set, key: long, value: "{LONG}"}}
  - {{id: big, type: {KV}Get, key: long}}
"""
PAUSED = f"""
tasks: {MADE}
  - {{id: wait, type: {FLOW}Pause}}
  - id: check
    type: {FLOW}If
    condition: "{{{{ outputs.big.value | length == {LENGTH} }}}}"
    then:
      - {{id: measure, type: {RETURN}, format: "{{{{ outputs.big.value | length }}}}"}}
    else:
      - {{id: lose, type: io.kestra.plugin.core.execution.Fail}}
outputs:
  - {{id: all, type: STRING, value: "{{{{ outputs.big.value }}}}"}}
"""
INSTANT = f"""
tasks:
  - {{id: big, type: {RETURN}, format: "{LONG}"}}
  - {{id: measure, type: {RETURN}, format: "{{{{ outputs.big.value | length }}}}"}}
"""


def outputs_of(api: Api, execution: Any, task: str) -> Any:
    [run] = [run for run in api.get(f"/executions/{execution['id']}")["taskRunList"] if run["taskId"] == task]
    return api.get(f"/outputs/{execution['id']}/{run['id']}")


def stored(home: Path) -> list[Path]:
    return [path for path in (home / "storage").rglob("*.json") if path.parent.name == "_outputs"]


async def test_they_survive_a_restart_and_are_seen_wherever_outputs_are(dsn: str, home: Path) -> None:
    settings = settings_for(dsn, home)
    with threaded(settings) as server, Api(server.url) as api:
        api.deploy("paused", PAUSED)
        execution = api.start("paused")
        api.until(execution["id"], "PAUSED")
    with threaded(settings) as server, Api(server.url) as api:
        good(api.ask("POST", f"/executions/{execution['id']}/actions/resume"))
        ended = api.over(execution["id"])
        assert ended["state"]["current"] == "SUCCESS"
        assert outputs_of(api, ended, "measure") == {"value": str(LENGTH)}
        assert len(outputs_of(api, ended, "big")["value"]) == LENGTH
        assert len(ended["outputs"]["all"]) == LENGTH
        index = api.get(f"/outputs/{ended['id']}")
        assert [each["taskId"] for each in index if not each["inline"]] == ["big"]
        [listed] = api.get("/executions/search")["results"]
        assert listed["outputs"].keys() == {"$ref", "size"}
        replays_itself(api, ended)
        is_told_again(api, ended)
        purges_itself(api, ended, home)
    assert await largest_document(dsn) < 10_000


def replays_itself(api: Api, ended: Any) -> None:
    [check] = [run["id"] for run in ended["taskRunList"] if run["taskId"] == "check"]
    answer = api.ask("POST", f"/executions/{ended['id']}/actions/replay", params={"taskRunId": check})
    replayed = api.over(good(answer).json()["id"])
    assert replayed["state"]["current"] == "SUCCESS"
    assert len(replayed["outputs"]["all"]) == LENGTH
    good(api.ask("DELETE", f"/executions/{replayed['id']}"))


def is_told_again(api: Api, ended: Any) -> None:
    entries = api.ask("GET", f"/executions/{ended['id']}/events")
    assert len(good(entries).content) < 100_000
    assert all("notRecomputed" not in entry for entry in entries.json())
    assert entries.json()[-1]["state"] == "SUCCESS"


def purges_itself(api: Api, ended: Any, home: Path) -> None:
    assert len(stored(home)) == 2
    good(api.ask("DELETE", f"/executions/{ended['id']}"))
    assert stored(home) == []


async def largest_document(dsn: str) -> int:
    """The largest of what rows of executions hold; keys of a namespace are another thing."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(
            "SELECT greatest((SELECT coalesce(max(length(body)), 0) FROM events),"
            " (SELECT coalesce(max(length(progress)), 0) FROM executions))"
        )
    finally:
        await connection.close()


def test_a_task_inside_the_executor_may_give_them_too(api: Api) -> None:
    api.deploy("instant", INSTANT)
    ended = api.run("instant")
    assert outputs_of(api, ended, "measure") == {"value": str(LENGTH)}
    assert len(outputs_of(api, ended, "big")["value"]) == LENGTH


def test_a_subflow_and_a_loop_hand_them_on(api: Api) -> None:
    gives = "outputs: [{id: all, type: STRING, value: '{{ outputs.big.value }}'}]"
    api.deploy("child", f"tasks: [{{id: big, type: {RETURN}, format: '{LONG}'}}]\n{gives}")
    loop = f"""
  - id: loop
    type: {FLOW}Loop
    values: [a, b]
    outputs: [{{id: all, type: STRING, value: "{{{{ outputs.inner.value }}}}"}}]
    tasks: [{{id: inner, type: {RETURN}, format: "{LONG}"}}]
"""
    api.deploy(
        "parent",
        f"tasks:\n  - {{id: sub, type: {FLOW}Subflow, namespace: {api.namespace}, flowId: child, wait: true}}{loop}"
        f"  - {{id: measure, type: {RETURN}, format: '{{{{ outputs.sub.outputs.all | length }}}}'}}\n"
        f"  - {{id: other, type: {RETURN}, format: '{{{{ outputs.loop.outputs[1].outputs.all | length }}}}'}}\n",
    )
    ended = api.run("parent")
    assert ended["state"]["current"] == "SUCCESS"
    assert outputs_of(api, ended, "measure") == {"value": str(LENGTH)}
    assert outputs_of(api, ended, "other") == {"value": str(LENGTH)}


async def test_large_inputs_lie_in_a_file_and_are_seen_as_any_others(api: Api, shared_server: Served) -> None:
    measure = f"{{id: measure, type: {RETURN}, format: '{{{{ inputs.long | length }}}} {{{{ inputs.short }}}}'}}"
    check = f"{{id: check, type: {FLOW}If, condition: '{{{{ inputs.long is empty }}}}', then: [{{id: never, type: {RETURN}}}]}}"
    inputs = "inputs: [{id: long, type: STRING}, {id: short, type: STRING, defaults: hi}]"
    api.deploy("given", f"{inputs}\ntasks: [{measure}, {check}]")
    ended = api.run("given", inputs={"long": "0123456789" * (LENGTH // 10)})
    assert ended["state"]["current"] == "SUCCESS"
    assert len(ended["inputs"]["long"]) == LENGTH
    assert outputs_of(api, ended, "measure") == {"value": f"{LENGTH} hi"}
    assert await largest_given(shared_server, ended["id"]) < LENGTH
    answer = api.ask("POST", f"/executions/{ended['id']}/actions/replay-with-inputs", files={"short": (None, "ho")})
    again = api.over(good(answer).json()["id"])
    assert outputs_of(api, again, "measure") == {"value": f"{LENGTH} ho"}


async def test_what_a_flow_trigger_hears_is_no_copy_in_the_row_of_what_it_starts(
    api: Api, shared_server: Served
) -> None:
    source = f"tasks: [{{id: big, type: {RETURN}, format: '{LONG}'}}]\n"
    api.deploy("source", source + "outputs: [{id: all, type: STRING, value: '{{ outputs.big.value }}'}]")
    api.deploy(
        "takes",
        "inputs: [{id: long, type: STRING}]\n"
        f"tasks: [{{id: measure, type: {RETURN}, format: '{{{{ inputs.long | length }}}} {{{{ trigger.outputs.all | length }}}}'}}]\n"
        "triggers: [{id: after, type: io.kestra.plugin.core.trigger.Flow, inputs: {long: '{{ trigger.outputs.all }}'}, "
        f"dependsOn: [{{namespace: {api.namespace}, flowId: source}}]}}]",
    )
    api.run("source")
    [heard] = wait_for(lambda: of_flow(api, "takes"), bool)
    assert outputs_of(api, api.over(heard["id"]), "measure") == {"value": f"{LENGTH} {LENGTH}"}
    assert await largest_given(shared_server, heard["id"]) < LENGTH


async def largest_given(server: Served, execution_id: str) -> int:
    connection = await asyncpg.connect(server.base.foundation.settings.database.url)
    try:
        return await connection.fetchval("SELECT length(given) FROM executions WHERE id = $1", execution_id)
    finally:
        await connection.close()


def test_what_a_flow_trigger_hears_is_whole(api: Api) -> None:
    source = f"tasks: [{{id: big, type: {RETURN}, format: '{LONG}'}}]\n"
    api.deploy("source", source + "outputs: [{id: all, type: STRING, value: '{{ outputs.big.value }}'}]")
    api.deploy(
        "hears",
        f"tasks: [{{id: measure, type: {RETURN}, format: '{{{{ trigger.outputs.all | length }}}}'}}]\n"
        "triggers: [{id: after, type: io.kestra.plugin.core.trigger.Flow, "
        f"dependsOn: [{{namespace: {api.namespace}, flowId: source}}]}}]",
    )
    api.run("source")
    [heard] = wait_for(lambda: of_flow(api, "hears"), bool)
    assert outputs_of(api, api.over(heard["id"]), "measure") == {"value": str(LENGTH)}


def test_the_children_of_a_working_directory_see_those_of_one_another(api: Api) -> None:
    inside = f"{{id: big, type: {RETURN}, format: '{LONG}'}}, {{id: measure, type: {RETURN}, format: '{{{{ outputs.big.value | length }}}}'}}"
    after = f"{{id: after, type: {RETURN}, format: '{{{{ outputs.big.value | length }}}}'}}"
    api.deploy("folder", f"tasks: [{{id: folder, type: {FLOW}WorkingDirectory, tasks: [{inside}]}}, {after}]")
    ended = api.run("folder")
    assert outputs_of(api, ended, "measure") == {"value": str(LENGTH)}
    assert outputs_of(api, ended, "after") == {"value": str(LENGTH)}


def test_a_history_whose_files_were_purged_says_so(api: Api, shared_server: Served) -> None:
    asks = f"{{id: ask, type: {FLOW}If, condition: '{{{{ outputs.big.value is empty }}}}', then: [{{id: never, type: {RETURN}}}]}}"
    api.deploy("asks", f"tasks: [{{id: big, type: {RETURN}, format: '{LONG}'}}, {asks}]")
    ended = api.run("asks")
    assert all("notRecomputed" not in entry for entry in api.get(f"/executions/{ended['id']}/events"))
    [file] = [path for path in stored(shared_server.base.foundation.home) if ended["id"] in str(path)]
    file.unlink()
    told = [entry.get("notRecomputed", "") for entry in api.get(f"/executions/{ended['id']}/events")]
    assert any("was purged" in reason for reason in told)


def of_flow(api: Api, flow_id: str) -> list[Any]:
    filters = {"filters[namespace][EQUALS]": api.namespace, "filters[flowId][EQUALS]": flow_id}
    return api.get("/executions/search", **filters)["results"]


def test_an_expression_written_against_a_stored_execution_sees_them(api: Api) -> None:
    api.deploy("instant", INSTANT)
    ended = api.run("instant")
    path = f"/executions/{ended['id']}/actions/eval"
    answer = api.ask("POST", path, content="{{ outputs.big.value | length }}", headers={"Content-Type": "text/plain"})
    assert good(answer).json()["result"] == str(LENGTH)


def test_files_that_were_purged_leave_what_refers_to_them(api: Api, shared_server: Served) -> None:
    api.deploy("instant", INSTANT)
    ended = api.run("instant")
    [file] = [path for path in stored(shared_server.base.foundation.home) if ended["id"] in str(path)]
    file.unlink()
    assert outputs_of(api, ended, "big").keys() == {"$ref", "size"}


@pytest.fixture
def protected(dsn: str, home: Path) -> Iterator[Api]:
    """A server that protects its queue as the original does."""
    settings = settings_for(dsn, home, kestra={"queue": {"message-protection": {"enabled": True, "limit": 1000}}})
    with threaded(settings) as server, Api(server.url) as api:
        yield api


def test_a_task_fails_for_them_where_the_settings_say_so(protected: Api) -> None:
    protected.deploy("flow", f"tasks: [{{id: big, type: {RETURN}, format: '{'x' * 2000}'}}]")
    ended = protected.run("flow")
    assert ended["state"]["current"] == "FAILED"
    assert protected.get(f"/outputs/{ended['id']}") == []
    lines = [line["message"] for line in protected.get(f"/logs/{ended['id']}")]
    assert any("has exceeded the configured limit of 1000" in line for line in lines)
