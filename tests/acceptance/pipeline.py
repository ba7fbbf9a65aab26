"""The acceptance flow on a server, by its REST API: deployed, run, looked into."""

import csv
import io
from pathlib import Path
from typing import Any

from tests.api.client import OVER, YAML, Api, good

FLOW = "etl_pipeline"
NAMESPACE = "data.production"


class Pipeline(Api):
    """A client in the flow's namespace."""

    def __init__(self, url: str) -> None:
        super().__init__(url, namespace=NAMESPACE)
        # The first run on a machine builds an environment with pandas.
        self.http.timeout = None

    def deploy_file(self, path: Path) -> None:
        """As people do it: the file's text, as it is."""
        good(self.ask("POST", "/flows", content=path.read_bytes(), headers=YAML))

    def ran(self, **inputs: str) -> Any:
        """An execution started by hand, with a form as the UI sends it, at its end."""
        form = {name: (None, value) for name, value in inputs.items()} or {"": (None, "")}
        started = good(self.ask("POST", f"/executions/{NAMESPACE}/{FLOW}", files=form)).json()
        return self.over(started["id"])

    def over(self, execution_id: str) -> Any:
        """The execution at its end, followed as the UI does."""
        self.follow(f"/executions/{execution_id}/follow")
        execution = self.get(f"/executions/{execution_id}")
        assert execution["state"]["current"] in OVER
        return execution

    def executions(self) -> list[Any]:
        return self.get("/executions/search", **{"filters[flowId][EQUALS]": FLOW})["results"]

    def outputs(self, execution: Any, task_id: str) -> dict[str, Any]:
        """What a task gave."""
        (run,) = [run for run in execution["taskRunList"] if run["taskId"] == task_id]
        return self.get(f"/outputs/{execution['id']}/{run['id']}")

    def file(self, execution: Any, uri: str) -> bytes:
        return good(self.ask("GET", f"/executions/{execution['id']}/file", params={"path": uri})).content

    def records(self, execution: Any, uri: str) -> list[dict[str, str]]:
        """The rows of a CSV."""
        return list(csv.DictReader(io.StringIO(self.file(execution, uri).decode(), newline="")))

    def messages(self, execution: Any, level: str) -> list[str]:
        """The log's lines of exactly that level."""
        lines = self.get(f"/logs/{execution['id']}", minLevel=level)
        return [line["message"] for line in lines if line["level"] == level]

    def trigger(self) -> Any:
        """The flow's only trigger with its state."""
        (pair,) = self.get("/triggers/search", **{"filters[flowId][EQUALS]": FLOW})["results"]
        return pair

    def backfill(self, **span: str) -> Any:
        names = {"namespace": NAMESPACE, "flowId": FLOW, "triggerId": "daily"}
        return good(self.ask("PUT", "/triggers/backfill/create", json={**names, "backfill": span})).json()
