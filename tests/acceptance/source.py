"""The database that the flow reads from: PostgreSQL on the port of the flow's URL, with a table of difficult values."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.json import Jsonb
from tests.peers.postgres import OWNER, a_postgres
from tests.peers.process import is_open

PORT = 5432
"""The flow's own: only the address behind its host name is bound from outside."""
TABLE = """
CREATE TABLE events (
  id bigint, date date, name text, note text, payload jsonb, tags text[], raw bytea, token uuid, span interval,
  amount numeric(30, 10), at timestamptz
)
"""
INSERT = "INSERT INTO events VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
TOKEN = "6f1c9f0e-3b1a-4a51-9d7b-0c0f1e2d3c4b"


class Source:
    """Starts and stops; its data stay."""

    def __init__(self, folder: Path, host: str) -> None:
        self.host = host
        self._folder = folder
        self._running = ExitStack()

    def start(self) -> None:
        self._running.enter_context(a_postgres(self._folder, host=self.host, port=PORT))

    def stop(self) -> None:
        self._running.close()

    def do(self, statement: str, *values: Any, database: str = "analytics") -> None:
        with psycopg.connect(f"postgresql://{OWNER}@{self.host}:{PORT}/{database}", autocommit=True) as connection:
            connection.execute(statement.encode(), values or None)

    def fill(self, today: date) -> None:
        """Rows of the day before yesterday, of yesterday and of today: 1 to 3, 11 to 13, 21 to 23."""
        self.do("TRUNCATE events")
        for first, day in ((1, today - timedelta(days=2)), (11, today - timedelta(days=1)), (21, today)):
            for row in rows(first, day):
                self.do(INSERT, *row)


@contextmanager
def a_source(folder: Path) -> Generator[Source]:
    """A database with an empty table, on an address of this machine where the port is free."""
    source = Source(folder, free_address())
    source.start()
    try:
        source.do("CREATE DATABASE analytics", database="postgres")
        source.do(TABLE)
        yield source
    finally:
        source.stop()


def rows(first: int, day: date) -> list[tuple[Any, ...]]:
    """Three rows of a day: with everything that is hard to write, with what is easy, with nothing."""
    at = f"{day} 12:34:56.789+02"
    hard = 'says "hello, world"\nand leaves; é ✓'
    return [
        (first, day, hard, "", Jsonb({"a": [1, None], "b": "x,y"}), ["a", 'b"c', None], b"\x00\xff", TOKEN, "1 day 02:03:04.5",
         "12345678901234567890.1234567890", at),
        (first + 1, day, "plain", "note", Jsonb([]), [], b"hi", TOKEN, "00:00:01", "12.5", at),
        (first + 2, day, None, None, None, None, None, None, None, None, None),
    ]  # fmt: skip


def free_address() -> str:
    """Where the flow's port is free: on 127.0.0.1 somebody's own PostgreSQL may listen."""
    return next(address for last in range(2, 250) if not is_open(address := f"127.0.0.{last}", PORT))
