"""Where the examples of the reference page play: one execution of one flow, and a world that always answers the same.

The page tells its readers what stands here.
"""

from collections.abc import Mapping
from typing import Any

from tests.conformance.fixture_host import FixtureHost

CONTEXT: Mapping[str, Any] = {
    "flow": {"id": "report", "namespace": "company.team"},
    "inputs": {"name": "Ada"},
    "outputs": {
        "each": {"outputs": [{"outputs": {"rows": 10}}, {"outputs": {"rows": 20}}]},
        "group": {"total": 3},
        "fetch": {"x": {"value": 7}, "b": {"value": 8}},
    },
    "tasks": {"load": {"state": "FAILED"}},
    "task": {"id": "show"},
    "taskrun": {"value": "b", "iteration": 1},
    "parents": [{"task": {"id": "group"}}],
    "envs": {},
}
FIXTURES: Mapping[str, Any] = {
    "secrets": {"company.team": {"API_KEY": "s3cr3t", "LOGIN": '{"user": "ada", "password": "p"}'}},
    "kv": {"company": {"limit": 5}},
    "namespace_files": {"company.team": {"greeting.txt": "hello"}},
    "errorLogs": [{"taskId": "load", "message": "no such file"}],
}


class StageHost(FixtureHost):
    """The fixtures, and what else the examples ask for."""

    def _http(self, uri: str, **_: Any) -> Any:
        return {"https://api.example.com/users/1": {"name": "Ada"}}[uri]

    def _subflow(self, id: str, **_: Any) -> Any:
        return {"state": "SUCCESS", "outputs": {"cities": {"names": ["Paris", "Lyon"]}}[id]}

    def _appLink(self, appId: str, baseUrl: str | None) -> str:  # noqa: N802, N803
        return f"{baseUrl or 'https://flows.example.com'}/{appId}"

    def _credential(self, name: str) -> str:
        return {"warehouse": "t0ken"}[name]
