"""`/health`: up when all is there; what is missing has a name."""

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from tests.api.client import LOG, Api, wait_for
from tests.forwarder import address_of, forwarded
from tests.server import free_port, settings_for, threaded


def test_a_server_that_works_is_up(api: Api) -> None:
    answer = api.http.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (200, "UP")
    assert set(answer.json()["details"]) == {"database", "disk"}
    assert api.http.get("/health/readiness").status_code == 200
    assert api.http.get("/health/liveness").json()["status"] == "UP"
    assert api.http.get("/ping").text == "pong"


def test_a_full_disk_is_told_and_nothing_new_is_claimed(dsn: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = {"share": 0.04}
    monkeypatch.setattr("tiercel.app.foundation.free_share", lambda folder: free["share"])
    monkeypatch.setattr("tiercel.services.worker.DISK_WAIT", timedelta(milliseconds=50))
    with threaded(settings_for(dsn, home)) as server, Api(server.url) as api:
        answer = api.http.get("/health")
        assert (answer.status_code, answer.json()["status"]) == (503, "DOWN")
        disk = answer.json()["details"]["disk"]
        assert (disk["status"], disk["details"]["freePercent"]) == ("DOWN", 4.0)
        assert "5%" in disk["details"]["reason"]

        api.deploy("instant", f"tasks: [{{id: log, type: {LOG}, message: x}}]")
        assert api.run("instant")["state"]["current"] == "SUCCESS"
        request = "{id: get, type: io.kestra.plugin.core.http.Request, uri: 'http://127.0.0.1:1/'}"
        api.deploy("worker", f"tasks: [{request}]")
        waiting = api.start("worker")["id"]
        assert api.get(f"/executions/{waiting}")["taskRunList"][0]["state"]["current"] == "SUBMITTED"

        free["share"] = 0.5
        assert api.http.get("/health").status_code == 200
        assert api.over(waiting)["state"]["current"] == "FAILED"


def test_a_database_that_is_gone_is_told_and_comes_back(dsn: str, home: Path) -> None:
    port = free_port()
    address, socket = address_of(dsn, port)
    with ExitStack() as stack:
        there = stack.enter_context(ExitStack())
        there.enter_context(forwarded(port, socket))
        server = stack.enter_context(threaded(settings_for(address, home)))
        api = stack.enter_context(Api(server.url))
        api.log_flow()

        there.close()
        down = wait_for(lambda: api.http.get("/health"), lambda answer: answer.status_code == 503)
        assert down.json()["details"]["database"]["status"] == "DOWN"
        assert api.http.get("/health/liveness").status_code == 200
        refused = api.ask("GET", "/flows/search")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")

        stack.enter_context(forwarded(port, socket))
        wait_for(lambda: api.http.get("/health"), lambda answer: answer.status_code == 200)
        # A server that begins again may refuse for a moment.
        path = f"/executions/{api.namespace}/hello?wait=true"
        ended = wait_for(lambda: api.ask("POST", path), lambda answer: answer.status_code != 503)
        assert ended.json()["state"]["current"] == "SUCCESS"
