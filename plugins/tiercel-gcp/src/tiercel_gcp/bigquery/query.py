"""`io.kestra.plugin.gcp.bigquery.Query`: one query, its rows fetched, stored or written to a table."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from tiercel.sdk import Duration, Output, RunContext
from tiercel.sdk.rows import SUFFIXES, RowFile
from tiercel.sdk.rows import Format as RowFormat
from tiercel.sdk.values import plain
from tiercel_gcp.bigquery.client import BigQueryTask, explained, job_id
from tiercel_gcp.bigquery.table import table_address

CHUNK_ROWS = 1_000
FetchType = Literal["STORE", "FETCH", "FETCH_ONE", "NONE"]


class DestinationTable(Output, frozen=True):
    project: str
    dataset: str
    table: str


class QueryOutput(Output, frozen=True, omit_defaults=True):
    job_id: str | None = None
    rows: list[dict[str, Any]] | None = None
    """FETCH: all rows."""
    row: dict[str, Any] | None = None
    """FETCH_ONE: the first row."""
    size: int | None = None
    uri: str | None = None
    """STORE: the file in internal storage."""
    destination_table: DestinationTable | None = None


class Query(BigQueryTask[QueryOutput], type="io.kestra.plugin.gcp.bigquery.Query"):
    """Run one query and fetch, store or count its rows, or write them to a table."""

    example = """
id: top_pages
namespace: company.team
tasks:
  - id: top
    type: io.kestra.plugin.gcp.bigquery.Query
    sql: SELECT page, count(*) AS views FROM dataset.events GROUP BY page
    fetchType: FETCH
"""

    sql: str
    fetch_type: FetchType = "NONE"
    format: RowFormat | None = None
    """How stored rows are written; `store: true` writes CSV, `fetchType: STORE` Ion, where nothing is said."""
    fetch: bool = False
    store: bool = False
    fetch_one: bool = False
    destination_table: str | None = None
    write_disposition: Literal["WRITE_TRUNCATE", "WRITE_TRUNCATE_DATA", "WRITE_APPEND", "WRITE_EMPTY"] | None = None
    create_disposition: Literal["CREATE_IF_NEEDED", "CREATE_NEVER"] | None = None
    schema_update_options: list[Literal["ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION"]] | None = None
    clustering_fields: list[str] | None = None
    time_partitioning_field: str | None = None
    time_partitioning_type: Literal["DAY", "HOUR", "MONTH", "YEAR"] = "DAY"
    default_dataset: str | None = None
    legacy_sql: bool = False
    use_legacy_sql: bool = False
    use_query_cache: bool | None = None
    allow_large_results: bool | None = None
    flatten_results: bool = True
    dry_run: bool = False
    labels_: dict[str, str] | None = Field(default=None, alias="labels")
    job_timeout: Duration | None = None
    priority: Literal["INTERACTIVE", "BATCH"] = "INTERACTIVE"
    maximum_bytes_billed: int | None = None
    max_results: int | None = None

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
    def row_format(self) -> RowFormat:
        return self.format or ("CSV" if self.store else "ION")

    async def run(self, ctx: RunContext) -> QueryOutput:
        client = await asyncio.to_thread(self.open)
        identifier = job_id(ctx)
        try:
            job = await asyncio.to_thread(self._start, client, identifier)
            return await self._take(job, ctx)
        except asyncio.CancelledError:
            await asyncio.to_thread(client.cancel_job, identifier, location=self.location)
            raise
        except _api_error() as error:
            raise explained(error, table=self.destination_table) from error

    def _start(self, client: Any, identifier: str) -> Any:
        from google.api_core.exceptions import Conflict

        try:
            return client.query(self.sql, job_config=self._config(client), job_id=identifier, location=self.location)
        except Conflict:
            return client.get_job(identifier, location=self.location)

    def _config(self, client: Any) -> Any:
        from google.cloud import bigquery

        library: Any = bigquery
        config = library.QueryJobConfig(use_legacy_sql=self.legacy_sql or self.use_legacy_sql, dry_run=self.dry_run)
        for name, value in self._given(client).items():
            setattr(config, name, value)
        if self.time_partitioning_field:
            config.time_partitioning = library.TimePartitioning(
                type_=self.time_partitioning_type, field=self.time_partitioning_field
            )
        return config

    def _given(self, client: Any) -> dict[str, Any]:
        """Options of the job that were written down."""
        options: dict[str, Any] = {
            "destination": self.destination_table and table_address(self.destination_table).within(client.project),
            "write_disposition": self.write_disposition,
            "create_disposition": self.create_disposition,
            "schema_update_options": self.schema_update_options,
            "clustering_fields": self.clustering_fields,
            "default_dataset": self.default_dataset and _dataset(self.default_dataset, client.project),
            "use_query_cache": self.use_query_cache,
            "allow_large_results": self.allow_large_results,
            "labels": self.labels_,
            "job_timeout_ms": self.job_timeout and int(self.job_timeout / timedelta(milliseconds=1)),
            "priority": self.priority,
            "maximum_bytes_billed": self.maximum_bytes_billed,
        }
        return {name: value for name, value in options.items() if value is not None}

    async def _take(self, job: Any, ctx: RunContext) -> QueryOutput:
        if self.dry_run:
            ctx.log.info(f"dry run: {job.total_bytes_processed} bytes would be processed")
            return QueryOutput(job_id=job.job_id)
        result = await asyncio.to_thread(job.result, max_results=self.max_results)
        output = QueryOutput(job_id=job.job_id, destination_table=_destination(job))
        if self.wanted == "NONE":
            return output
        return await (self._store(output, result, ctx) if self.wanted == "STORE" else self._fetch(output, result))

    async def _fetch(self, output: QueryOutput, result: Any) -> QueryOutput:
        from msgspec.structs import replace

        only = 1 if self.wanted == "FETCH_ONE" else None
        rows = await asyncio.to_thread(lambda: [plain(dict(row.items())) for row in islice(iter(result), only)])
        if self.wanted == "FETCH_ONE":
            return replace(output, row=rows[0] if rows else None, size=len(rows))
        return replace(output, rows=rows, size=len(rows))

    async def _store(self, output: QueryOutput, result: Any, ctx: RunContext) -> QueryOutput:
        from msgspec.structs import replace

        name = f"query.{SUFFIXES[self.row_format]}"
        size = await asyncio.to_thread(self._write, result, ctx.working_dir / name)
        return replace(output, uri=await ctx.files.store(ctx.working_dir / name, name), size=size)

    def _write(self, result: Any, path: Path) -> int:
        file = RowFile(path, [field.name for field in result.schema], form=self.row_format)
        try:
            for chunk in _chunks(result):
                file.write(chunk)
        finally:
            file.close()
        return file.rows


def _chunks(result: Any) -> Iterator[list[tuple[Any, ...]]]:
    rows = iter(result)
    while chunk := [row.values() for row in islice(rows, CHUNK_ROWS)]:
        yield chunk


def _destination(job: Any) -> DestinationTable | None:
    table = job.destination
    return table and DestinationTable(project=table.project, dataset=table.dataset_id, table=table.table_id)


def _dataset(text: str, project: str) -> Any:
    from google.cloud import bigquery

    library: Any = bigquery
    return library.DatasetReference.from_string(text.replace(":", "."), default_project=project)


def _api_error() -> type[Exception]:
    from google.api_core.exceptions import GoogleAPICallError

    return GoogleAPICallError
