"""The API as tests use it: requests in a namespace of the test's own, and waiting without sleeping for long."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import httpx2
import msgspec

OVER = frozenset({"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "SKIPPED", "RETRIED"})
YAML = {"Content-Type": "application/x-yaml"}
PATIENCE = 30.0
LOG = "io.kestra.plugin.core.log.Log"


class Frame(msgspec.Struct, frozen=True):
    """One server-sent event."""

    kind: str
    data: Any


class Api:
    """A client of one server, tenant `main`."""

    def __init__(self, url: str, *, namespace: str = "api.test", **options: Any) -> None:
        self.namespace = namespace
        # Certificates are not needed, and take long to read.
        self.http = httpx2.Client(base_url=url, trust_env=False, timeout=PATIENCE, verify=False, **options)

    def __enter__(self) -> "Api":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def ask(self, method: str, path: str, **content: Any) -> httpx2.Response:
        """Any request below the tenant's path, whatever its answer."""
        return self.http.request(method, f"/api/v1/main{path}", **content)

    def get(self, path: str, /, **parameters: Any) -> Any:
        return good(self.ask("GET", path, params=parameters)).json()

    def deploy(self, flow_id: str, body: str, *, namespace: str | None = None) -> Any:
        """Create a flow of the test's namespace; `body` is all but its id and namespace."""
        text = f"id: {flow_id}\nnamespace: {namespace or self.namespace}\n{body}"
        return good(self.ask("POST", "/flows", content=text, headers=YAML)).json()

    def log_flow(self, flow_id: str = "hello", message: str = "hello") -> Any:
        """Create a flow that logs one line."""
        return self.deploy(flow_id, f"tasks: [{{id: log, type: {LOG}, message: '{message}'}}]")

    def start(self, flow_id: str, *, inputs: dict[str, Any] | None = None, **query: Any) -> Any:
        path = f"/executions/{self.namespace}/{flow_id}"
        return good(self.ask("POST", path, params=query, json=inputs or {})).json()

    def run(self, flow_id: str, *, inputs: dict[str, Any] | None = None, **query: Any) -> Any:
        """Start an execution and wait until it is over."""
        return self.start(flow_id, inputs=inputs, wait="true", **query)

    def until(self, execution_id: str, wanted: str | Callable[[Any], bool]) -> Any:
        """The execution as soon as it is in a state, or fits."""
        fits = wanted if callable(wanted) else lambda shown: shown["state"]["current"] == wanted
        return wait_for(lambda: self.get(f"/executions/{execution_id}"), fits)

    def over(self, execution_id: str) -> Any:
        return self.until(execution_id, lambda shown: shown["state"]["current"] in OVER)

    @contextmanager
    def stream(self, path: str, /, **parameters: Any) -> Generator[Generator[Frame]]:
        """The frames of a stream, as they come."""
        with self.http.stream("GET", f"/api/v1/main{path}", params=parameters) as answer:
            yield frames(answer)

    def follow(self, path: str, /, **parameters: Any) -> list[Frame]:
        """All frames of a stream that ends by itself."""
        with self.stream(path, **parameters) as found:
            return list(found)


def good(answer: httpx2.Response) -> httpx2.Response:
    assert answer.is_success, f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
    return answer


def frames(answer: httpx2.Response) -> Generator[Frame]:
    kind = ""
    for line in answer.iter_lines():
        if line.startswith("id: "):
            kind = line.removeprefix("id: ")
        elif line.startswith("data: "):
            yield Frame(kind, msgspec.json.decode(line.removeprefix("data: ")))


def wait_for(look: Callable[[], Any], fits: Callable[[Any], bool]) -> Any:
    """What `look` finds as soon as it fits; what other processes do can only be looked at."""
    deadline = time.monotonic() + PATIENCE
    while not fits(found := look()):
        assert time.monotonic() < deadline, f"it never came; the last was {found}"
        time.sleep(0.02)
    return found
