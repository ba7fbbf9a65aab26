"""The load generator: open loop, in a process of its own.

Send times are fixed in advance and never wait for answers, so a slow server is not spared. Prints one JSON object;
`--sent FILE` keeps `id planned-time` of each accepted request for the check against the database.
"""

import argparse
import asyncio
import json
import time
from collections import Counter, deque
from pathlib import Path

BODY_START = b"\r\n\r\n"


class Connection(asyncio.Protocol):
    """One keep-alive connection; answers come in the order of the requests."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._waiting: deque[tuple[float, float]] = deque()
        self._buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """The server closes what has been idle for some seconds; what it owes an answer then never comes."""
        self._load.forget(self)
        for _, sent in self._waiting:
            self._load.unanswered(sent)

    @property
    def is_free(self) -> bool:
        return not self._waiting

    def send(self, planned: float) -> None:
        assert self.transport is not None
        self._waiting.append((planned, time.time()))
        self.transport.write(self._load.request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._take_answer():
            pass

    def _take_answer(self) -> bool:
        head, found, rest = self._buffer.partition(BODY_START)
        if not found:
            return False
        length = _content_length(head)
        if len(rest) < length:
            return False
        self._buffer = rest[length:]
        planned, sent = self._waiting.popleft()
        self._load.answered(int(head[9:12]), rest[:length], planned=planned, sent=sent)
        return True


def _content_length(head: bytes) -> int:
    for header in head.lower().split(b"\r\n"):
        if header.startswith(b"content-length:"):
            return int(header[15:])
    return 0


class Load:
    """All requests of one step."""

    def __init__(self, host: str, port: int, path: str, *, rate: float, seconds: float) -> None:
        self.host, self.port = host, port
        self.request = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 0\r\n\r\n".encode()
        self.rate, self.total = rate, max(1, round(rate * seconds))
        self.statuses: Counter[int] = Counter()
        self.answers: list[float] = []
        self.lateness: list[float] = []
        self.accepted: list[tuple[str, float]] = []
        self._connections: list[Connection] = []
        self._all_answered = asyncio.Event()

    async def run(self) -> None:
        begin = time.time() + 0.1
        for number in range(self.total):
            planned = begin + number / self.rate
            delay = planned - time.time()
            if delay > 0:
                await asyncio.sleep(delay)
            self.lateness.append(max(0.0, time.time() - planned))
            (await self._free_connection()).send(planned)
        async with asyncio.timeout(60):
            await self._all_answered.wait()

    async def _free_connection(self) -> Connection:
        for connection in self._connections:
            if connection.is_free:
                return connection
        if len(self._connections) >= 512:
            return self._connections[len(self.answers) % 512]
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: Connection(self), self.host, self.port)
        self._connections.append(connection)
        return connection

    def forget(self, connection: Connection) -> None:
        """It was closed."""
        self._connections.remove(connection)

    def unanswered(self, sent: float) -> None:
        """A request whose answer will never come counts as refused."""
        self._note(0, sent)

    def answered(self, status: int, body: bytes, *, planned: float, sent: float) -> None:
        if status < 300:
            self.accepted.append((_id(body), planned))
        self._note(status, sent)

    def _note(self, status: int, sent: float) -> None:
        self.statuses[status] += 1
        self.answers.append(time.time() - sent)
        if len(self.answers) == self.total:
            self._all_answered.set()

    def report(self) -> dict[str, object]:
        return {
            "sent": self.total,
            "statuses": dict(self.statuses),
            "answer_ms": {name: round(1000 * value, 2) for name, value in quantiles(self.answers).items()},
            "late_p99_ms": round(1000 * quantiles(self.lateness)["p99"], 2),
            "cpu_s": round(time.process_time(), 3),
        }


def _id(body: bytes) -> str:
    """The execution's id, without parsing the whole answer."""
    start = body.index(b'"id":"') + 6
    return body[start : body.index(b'"', start)].decode()


def quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values) or [0.0]
    at = lambda share: ordered[min(len(ordered) - 1, int(share * len(ordered)))]  # noqa: E731
    return {"p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": ordered[-1], "mean": sum(ordered) / len(ordered)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--sent", type=Path)
    options = parser.parse_args()
    load = Load(options.host, options.port, options.path, rate=options.rate, seconds=options.seconds)
    asyncio.run(load.run())
    if options.sent:
        options.sent.write_text("".join(f"{identifier} {planned!r}\n" for identifier, planned in load.accepted))
    print(json.dumps(load.report()))


if __name__ == "__main__":
    main()
