"""A BigQuery of a few lines over HTTP, for what the emulator does not do: job ids, conflicts, failures, jobs that take long.

It keeps what it was sent; a test says beforehand what is there and how jobs end.
"""

import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]


@dataclass
class FakeBigQuery:
    """What is there, what was sent."""

    host: str = ""
    tables: dict[str, list[Json]] = field(default_factory=dict[str, list[Json]])
    """`dataset.table` → its fields."""
    datasets: set[str] = field(default_factory=lambda: {"dataset"})
    jobs: dict[str, Json] = field(default_factory=dict[str, Json])
    """By id; put one in beforehand and sending it is a conflict."""
    endings: list[Json | None] = field(default_factory=list[Json | None])
    """How the next jobs end: an error as BigQuery tells it, None for success; success when there is none."""
    holds: bool = False
    """New jobs run until they are cancelled."""
    sent: list[str] = field(default_factory=list[str])
    """Ids of jobs that were begun here."""
    asked: list[str] = field(default_factory=list[str])
    """Ids of jobs that were asked for."""
    cancelled: list[str] = field(default_factory=list[str])
    bodies: list[bytes] = field(default_factory=list[bytes])
    """Files that came with load jobs."""
    looked: threading.Event = field(default_factory=threading.Event)
    """Set when a job is asked for."""
    announced: threading.Event = field(default_factory=threading.Event)
    """Set when a file is about to be sent."""
    gate: threading.Event = field(default_factory=threading.Event)
    """Closed by a test that wants files to wait; open otherwise."""

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def load(self) -> Json:
        """The configuration of the only load job."""
        (identifier,) = self.sent
        return self.jobs[identifier]["configuration"]["load"]

    @property
    def query(self) -> Json:
        (identifier,) = self.sent
        return self.jobs[identifier]["configuration"]["query"]

    def begin(self, job: Json) -> Json:
        identifier = job["jobReference"]["jobId"]
        if identifier in self.jobs:
            raise Refused(409, "duplicate", f"Already Exists: Job project:EU.{identifier}")
        self.sent.append(identifier)
        self.jobs[identifier] = job if self.holds else ended(job, self.endings.pop(0) if self.endings else None)
        if self.holds:
            job["status"] = {"state": "RUNNING"}
        return self.jobs[identifier]


class Refused(Exception):
    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}}


def ended(job: Json, error: Json | None = None) -> Json:
    """The job as it is after its end."""
    status: Json = {"state": "DONE"}
    if error is not None:
        status |= {"errorResult": error, "errors": [error]}
    numbers = {"load": {"outputRows": "2", "inputFiles": "1", "inputFileBytes": "20", "outputBytes": "16"}}
    kind = {"load": "LOAD", "query": "QUERY"}["load" if "load" in job["configuration"] else "query"]
    job["configuration"]["jobType"] = kind
    return {**job, "status": status, "statistics": {"startTime": "1000", "endTime": "3500", **numbers}}


@contextmanager
def a_fake() -> Generator[FakeBigQuery]:
    state = FakeBigQuery()

    class Handler(_Handler):
        fake = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.host = f"127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeBigQuery
    uploads: dict[str, Json] = {}
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if found := re.search(r"/datasets/(\w+)/tables/([\w$]+)$", path):
            self._table(*found.groups())
        elif found := re.search(r"/datasets/(\w+)$", path):
            self._dataset(found[1])
        elif found := re.search(r"/jobs/([\w-]+)$", path):
            self.fake.asked.append(found[1])
            self.fake.looked.set()
            job = self.fake.jobs.get(found[1])
            self._answer(job) if job else self._not_found(f"Job project:{found[1]}")
        else:
            self._not_found(path)

    def do_POST(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if found := re.search(r"/jobs/([\w-]+)/cancel$", path):
            self._cancel(found[1])
        elif query.get("uploadType") == ["resumable"]:
            job = json.loads(self._body())
            self.uploads[job["jobReference"]["jobId"]] = job
            self.fake.announced.set()
            self.fake.gate.wait()
            location = f"http://{self.fake.host}/upload?id={job['jobReference']['jobId']}"
            self._answer({}, Location=location)
        else:
            self._begin(json.loads(self._body()))

    def do_PUT(self) -> None:
        (identifier,) = parse_qs(urlsplit(self.path).query)["id"]
        self.fake.bodies.append(self._body())
        self._begin(self.uploads.pop(identifier))

    def log_message(self, *_: Any) -> None:
        """Tests read what was sent, not a log."""

    def _begin(self, job: Json) -> None:
        try:
            self._answer(self.fake.begin(job))
        except Refused as error:
            self._answer(error.body, status=error.status)

    def _cancel(self, identifier: str) -> None:
        self.fake.cancelled.append(identifier)
        job = self.fake.jobs.get(identifier)
        if job is None:
            self._not_found(f"Job project:{identifier}")
            return
        self.fake.jobs[identifier] = ended(job, {"reason": "stopped", "message": "Job was cancelled"})
        self._answer({"job": job})

    def _table(self, dataset: str, table: str) -> None:
        fields = self.fake.tables.get(f"{dataset}.{table}")
        if fields is None:
            self._not_found(f"Table project:{dataset}.{table}")
            return
        reference = {"projectId": "project", "datasetId": dataset, "tableId": table}
        self._answer({"tableReference": reference, "schema": {"fields": fields}, "location": "EU"})

    def _dataset(self, dataset: str) -> None:
        if dataset not in self.fake.datasets:
            self._not_found(f"Dataset project:{dataset}")
            return
        self._answer({"datasetReference": {"projectId": "project", "datasetId": dataset}, "location": "EU"})

    def _not_found(self, what: str) -> None:
        error = Refused(404, "notFound", f"Not found: {what}")
        self._answer(error.body, status=404)

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, body: Json, status: int = 200, **headers: str) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
