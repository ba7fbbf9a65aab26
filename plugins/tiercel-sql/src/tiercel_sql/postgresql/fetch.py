"""What happens with the rows of one statement: stored, fetched, or only counted."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg.pq.abc import PGconn
from psycopg.rows import tuple_row
from pydantic import AliasChoices, Field

from tiercel.sdk import Output, RunContext
from tiercel.sdk.rows import SUFFIXES, Format, RowFile
from tiercel.sdk.values import plain
from tiercel_sql.postgresql.connection import PostgresTask
from tiercel_sql.statements import with_placeholders

FetchType = Literal["STORE", "FETCH", "FETCH_ONE", "NONE"]
CHUNK_ROWS = 1_000
_NO_RESULT = "didn't produce a result"
"""How psycopg's stream says that a statement was a command; the error has no code to tell it by."""


class QueryOutput(Output, frozen=True, omit_defaults=True):
    """The rows, by fetch type."""

    row: dict[str, Any] | None = None
    """FETCH_ONE: the first row."""
    rows: list[dict[str, Any]] | None = None
    """FETCH: all rows."""
    uri: str | None = None
    """STORE: the file in internal storage."""
    size: int | None = None
    """How many rows were fetched or stored."""


class FetchingTask(PostgresTask[Any]):
    """Properties of tasks that run SQL and may take rows from it."""

    sql: str
    """The statement. Named parameters are written `:name`."""
    after_sql: str | None = Field(default=None, alias="afterSQL")
    """Run after the rows were read, in the same transaction."""
    parameters_: dict[str, Any] | None = Field(default=None, alias="parameters")
    """Values of the named parameters."""
    fetch_type: FetchType = "NONE"
    """STORE writes the rows to a file, FETCH and FETCH_ONE give them as values, NONE leaves them."""
    fetch_size: int = Field(default=10_000, ge=1)
    """Rows taken from the server at a time, 1,000 at most."""
    format: Format | None = None
    """How stored rows are written; `store: true` writes CSV, `fetchType: STORE` Ion, where nothing is said."""
    store: bool = False
    """Older spelling of `fetchType: STORE`, with CSV."""
    fetch: bool = False
    """Older spelling of `fetchType: FETCH`."""
    fetch_one: bool = Field(default=False, validation_alias=AliasChoices("fetchOne", "fetch_one"))
    """Older spelling of `fetchType: FETCH_ONE`."""
    output_files: list[str] = []
    """Accepted for flows that name it; a statement writes no files but that of its rows."""

    @property
    def wanted(self) -> FetchType:
        """The fetch type, older spellings included."""
        if self.fetch_type != "NONE":
            return self.fetch_type
        if self.store:
            return "STORE"
        if self.fetch:
            return "FETCH"
        return "FETCH_ONE" if self.fetch_one else "NONE"

    @property
    def row_format(self) -> Format:
        return self.format or ("CSV" if self.store else "ION")

    async def take(self, connection: psycopg.AsyncConnection[Any], statement: str, ctx: RunContext) -> QueryOutput:
        """Run one statement and do with its rows what was asked for."""
        if self.wanted == "NONE":
            await connection.execute(*self._call(statement))
            return QueryOutput()
        async with connection.cursor(row_factory=tuple_row) as cursor:
            rows = Rows(cursor, *self._call(statement), size=min(self.fetch_size, CHUNK_ROWS))
            return await (self._store(rows, ctx) if self.wanted == "STORE" else self._fetch(rows))

    async def after(self, connection: psycopg.AsyncConnection[Any]) -> None:
        if self.after_sql:
            await connection.execute(self.after_sql.encode())

    def _call(self, statement: str) -> tuple[bytes, dict[str, Any] | None]:
        if not self.parameters_:
            return statement.encode(), None
        return with_placeholders(statement, set(self.parameters_)).encode(), self.parameters_

    async def _fetch(self, rows: "Rows") -> QueryOutput:
        records: list[dict[str, Any]] = []
        async for chunk in rows.chunks():
            records.extend({name: plain(value) for name, value in zip(rows.columns, row, strict=True)} for row in chunk)
            if self.wanted == "FETCH_ONE":
                return QueryOutput(row=records[0], size=1)
        if self.wanted == "FETCH_ONE":
            return QueryOutput(size=0)
        return QueryOutput(rows=records, size=len(records))

    async def _store(self, rows: "Rows", ctx: RunContext) -> QueryOutput:
        suffix = SUFFIXES[self.row_format]
        path = _free_path(ctx.working_dir, suffix)
        size = await self._write(rows, path)
        ctx.counter("fetch.size", size)
        return QueryOutput(uri=await ctx.files.store(path), size=size)

    async def _write(self, rows: "Rows", path: Path) -> int:
        with ExitStack() as stack:
            file: RowFile | None = None
            async for chunk in rows.chunks():
                file = file or stack.enter_context(closing(RowFile(path, rows.columns, form=self.row_format)))
                await asyncio.to_thread(file.write, chunk)
            file = file or stack.enter_context(closing(RowFile(path, rows.columns, form=self.row_format)))
            return file.rows


class Rows:
    """The rows of a running statement in chunks; libpq hands them over as they come, so memory does not grow."""

    def __init__(
        self, cursor: psycopg.AsyncCursor[Any], sql: bytes, values: dict[str, Any] | None, *, size: int
    ) -> None:
        self._cursor, self._sql, self._values, self._size = cursor, sql, values, size
        self._gives_rows = True
        self.columns: Sequence[str] = ()

    async def chunks(self) -> AsyncIterator[list[Any]]:
        chunk: list[Any] = []
        async for row in self._rows():
            self.columns = self.columns or self._names()
            chunk.append(row)
            if len(chunk) >= CHUNK_ROWS:
                yield chunk
                chunk = []
        if not self.columns and self._gives_rows:
            self.columns = await self._names_of_none()
        if chunk:
            yield chunk

    async def _rows(self) -> AsyncIterator[Any]:
        """A command without a result has been run all the same, and gives no rows."""
        try:
            async for row in self._cursor.stream(self._sql, self._values, size=self._size):
                yield row
        except psycopg.ProgrammingError as error:
            if _NO_RESULT not in str(error):
                raise
            self._gives_rows = False

    def _names(self) -> list[str]:
        return [column.name for column in self._cursor.description or ()]

    async def _names_of_none(self) -> list[str]:
        """A stream without rows does not tell its columns: the server is asked for them, and runs nothing for that."""
        connection, statement = self._cursor.connection, self._sql
        if self._values:
            statement = psycopg.AsyncClientCursor(connection).mogrify(statement, self._values).encode()
        return await asyncio.to_thread(_described, connection.pgconn, statement)


def _described(connection: PGconn, statement: bytes) -> list[str]:
    connection.prepare(b"", statement)
    described = connection.describe_prepared(b"")
    return [(described.fname(number) or b"").decode() for number in range(described.nfields)]


def _free_path(folder: Path, suffix: str) -> Path:
    """`query.csv`, and `query-1.csv` … for further statements of the same task."""
    number = sum(1 for _ in folder.glob(f"query*.{suffix}"))
    return folder / (f"query-{number}.{suffix}" if number else f"query.{suffix}")
