"""Webserver, executor, scheduler and worker as processes of their own, over one PostgreSQL."""

from pathlib import Path

from tests.api.client import Api
from tests.chaos.parts import counting_flow, parts


def test_a_script_runs_across_four_processes(dsn: str, home: Path) -> None:
    with parts(dsn, home) as running, Api(running["webserver"].url) as api:
        api.deploy("counting", counting_flow(home / "starts"))
        started = api.start("counting")
        assert started["state"]["current"] == "RUNNING"
        assert [run["taskId"] for run in started["taskRunList"]] == ["before", "work"]

        frames = api.follow(f"/executions/{started['id']}/follow")

        assert [frame.kind for frame in frames][:: len(frames) - 1] == ["start", "end"]
        assert frames[-1].data["state"]["current"] == "SUCCESS"
        assert (home / "starts").read_text().split() == [started["id"]]
        lines = [line["message"] for line in api.get(f"/logs/{started['id']}")]
        assert (lines[0], lines[-1]) == ("before", "after")
        assert [process.stop() for process in reversed(running.values())] == [0, 0, 0, 0]


def test_control_reaches_the_executor_through_the_webserver(dsn: str, home: Path) -> None:
    with parts(dsn, home) as running, Api(running["webserver"].url) as api:
        api.deploy(
            "waiting", "tasks: [{id: p, type: io.kestra.plugin.core.flow.Pause, onResume: [{id: a, type: INT}]}]"
        )
        api.deploy("long", counting_flow(home / "starts", seconds=60))
        paused, long = api.start("waiting")["id"], api.start("long")["id"]
        api.until(paused, "PAUSED")

        resumed = api.ask("POST", f"/executions/{paused}/actions/resume", files={"a": (None, "7")})
        assert resumed.json()["state"]["current"] in ("RUNNING", "SUCCESS")
        assert api.over(paused)["state"]["current"] == "SUCCESS"
        refused = api.ask("POST", f"/executions/{paused}/actions/resume", files={"a": (None, "7")})
        assert refused.status_code == 409

        api.until(long, lambda shown: shown["taskRunList"][-1]["state"]["current"] == "RUNNING")
        assert api.ask("DELETE", f"/executions/{long}/actions/kill").json()["state"]["current"] == "KILLING"
        assert api.over(long)["state"]["current"] == "KILLED"


def test_a_webhook_is_answered_while_no_executor_runs_and_its_execution_runs_later(dsn: str, home: Path) -> None:
    with parts(dsn, home) as running, Api(running["webserver"].url) as api:
        hook = "triggers: [{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: secret}]"
        api.deploy("hooked", f"tasks: [{{id: log, type: io.kestra.plugin.core.log.Log, message: hi}}]\n{hook}")
        running["executor"].stop()

        answer = api.ask("POST", f"/executions/webhook/{api.namespace}/hooked/secret", json={"n": 1})
        assert answer.status_code == 200
        assert api.get(f"/executions/{answer.json()['id']}")["state"]["current"] == "CREATED"

        running["executor"].start()
        assert api.over(answer.json()["id"])["state"]["current"] == "SUCCESS"
