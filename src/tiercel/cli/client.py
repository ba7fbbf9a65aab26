"""Speaks to a server's API for commands; what goes wrong is said in words for whoever typed the command."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import httpx2
from cyclopts import Parameter

from tiercel.model.errors import TiercelError

DEFAULT = "http://127.0.0.1:8080"

Server = Annotated[str, Parameter(name="--server", help="Address of the server.", env_var="TIERCEL_SERVER")]
User = Annotated[
    str | None, Parameter(name="--user", help="Name and password, as name:password.", env_var="TIERCEL_USER")
]


class ServerSays(TiercelError):
    """The server refused, or is not there."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """One server, tenant `main`."""

    def __init__(self, server: str, user: str | None) -> None:
        name, _, password = (user or "").partition(":")
        self._server = server.rstrip("/")
        self._http = httpx2.Client(
            base_url=f"{self._server}/api/v1/main", auth=(name, password) if user else None, timeout=60, trust_env=False
        )

    def get(self, path: str, **parameters: Any) -> Any:
        return self._ask("GET", path, params=parameters).json()

    def send(self, method: str, path: str, **content: Any) -> Any:
        answer = self._ask(method, path, **content)
        return answer.json() if answer.content else None

    def pages(self, path: str, parameters: dict[str, str], *, size: int = 100) -> Iterator[Any]:
        """All results of a search, page by page."""
        page, shown = 1, 0
        while True:
            found = self.get(path, page=page, size=size, **parameters)
            yield from found["results"]
            shown += len(found["results"])
            if not found["results"] or shown >= found["total"]:
                return
            page += 1

    def _ask(self, method: str, path: str, **content: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, **content)
        except httpx2.TransportError as error:
            raise ServerSays(
                f"no server answers at {self._server}: {error}; start one with `tiercel server standalone`, "
                "or name another with --server or TIERCEL_SERVER"
            ) from error
        if answer.is_error:
            raise ServerSays(_refusal(answer), status=answer.status_code)
        return answer

    def close(self) -> None:
        self._http.close()


@contextmanager
def connected(server: str, user: str | None) -> Generator[Client]:
    client = Client(server, user or os.environ.get("TIERCEL_USER"))
    try:
        yield client
    finally:
        client.close()


def _refusal(answer: httpx2.Response) -> str:
    """The detail of a problem document, each error on a line of its own."""
    if answer.status_code == 401:
        return "the server asks who you are: give --user name:password, or set TIERCEL_USER"
    try:
        problem = answer.json()
    except ValueError:
        return f"the server answered {answer.status_code}: {answer.text[:500]}"
    detail = problem.get("detail") or problem.get("message") or str(answer.status_code)
    lines = [_line(each) for each in problem.get("errors", ())]
    return "\n".join([detail, *(line for line in lines if line.strip() not in detail)])


def _line(error: dict[str, Any]) -> str:
    place = f"{error['line']}:{error.get('column', 0)}: " if error.get("line") else ""
    return f"  {place}{error.get('explanation') or error.get('detail')}"
