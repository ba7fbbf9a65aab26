"""The server is killed in the middle, and started again. `source-db` is a name that only its process knows."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.pipeline import Pipeline
from tests.acceptance.source import Source
from tests.adapters.postgres.server import Server as Postgres
from tests.api.client import wait_for
from tests.peers.bigquery import BigQuery
from tests.server import Process, database, environment_for, free_port

BIND = 'mount --bind "$0" /etc/hosts && exec "$@"'


@pytest.fixture
def hosts(tmp_path: Path, source: Source) -> list[str]:
    """Begins a command line whose process has a hosts file of its own; only root may mount one."""
    if os.geteuid() != 0:
        pytest.skip("a hosts file of its own needs a mount namespace, which only root can make")
    file = tmp_path / "hosts"
    file.write_text(f"127.0.0.1 localhost\n{source.host} source-db\n")
    return ["unshare", "--mount", "sh", "-c", BIND, str(file)]


class Wrapped(Process):
    """A server process begun by another command, which becomes it."""

    def __init__(self, wrapper: list[str], *arguments: str, environment: Mapping[str, str]) -> None:
        super().__init__(*arguments, environment=environment)
        self._command = [*wrapper, *self._command]


def a_server(dsn: str, home: Path, hosts: list[str], bound: dict[str, str]) -> Process:
    names = {name: value for name, value in bound.items() if name != "PGHOSTADDR"}
    environment = {**environment_for(dsn, home), **names}
    return Wrapped(hosts, "standalone", "--port", str(free_port()), environment=environment)


def is_transforming(execution: Any) -> bool:
    runs = execution.get("taskRunList") or [{}]
    return runs[-1].get("taskId") == "transform" and runs[-1]["state"]["current"] == "RUNNING"


def test_after_a_kill_during_transform_the_execution_ends_and_loads_once(
    postgres: Postgres, home: Path, hosts: list[str], bound: dict[str, str], checkout: Path, target: BigQuery
) -> None:
    with database(postgres) as dsn, a_server(dsn, home, hosts, bound) as server, Pipeline(server.url) as pipeline:
        pipeline.deploy_file(checkout / "examples/etl_pipeline.yaml")
        warm = pipeline.ran(date="2020-01-01")
        assert pipeline.messages(warm, "ERROR") == []
        started = pipeline.start("etl_pipeline", inputs={"date": "2026-03-10"})
        wait_for(lambda: pipeline.get(f"/executions/{started['id']}"), is_transforming)
        server.kill()
        server.start()
        execution = pipeline.over(started["id"])
        transform = execution["taskRunList"][1]
        assert execution["state"]["current"] == "SUCCESS"
        attempts = [attempt["state"]["current"] for attempt in transform["attempts"]]
        assert attempts == ["RESUBMITTED", "SUCCESS"]
        assert target.rows("SELECT id FROM dataset.events ORDER BY id") == [{"id": 11}, {"id": 12}, {"id": 13}]
