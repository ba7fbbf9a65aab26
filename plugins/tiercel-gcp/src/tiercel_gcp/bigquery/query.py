"""`io.kestra.plugin.gcp.bigquery.Query`: one query, its rows fetched, stored or written to a table."""

import asyncio
import threading
from contextlib import closing
from typing import Any, Literal

from msgspec.structs import replace
from pydantic import Field

from tiercel.sdk import Duration, Output, RunContext
from tiercel.sdk.rows import SUFFIXES, RowFile
from tiercel.sdk.rows import Format as RowFormat
from tiercel.sdk.values import plain
from tiercel_gcp.bigquery.client import BigQueryTask, explained, failures
from tiercel_gcp.bigquery.job import JobRun
from tiercel_gcp.bigquery.query_config import query_config
from tiercel_gcp.bigquery.rows import Rows
from tiercel_gcp.bigquery.table import TableAddress, table_address

FetchType = Literal["STORE", "FETCH", "FETCH_ONE", "NONE"]


class DestinationTable(Output, frozen=True):
    """Where the rows of a query are."""

    project: str
    dataset: str
    table: str


class QueryOutput(Output, frozen=True, omit_defaults=True):
    job_id: str | None = None
    """The job that ran the query."""
    rows: list[dict[str, Any]] | None = None
    """FETCH: all rows."""
    row: dict[str, Any] | None = None
    """FETCH_ONE: the first row."""
    size: int | None = None
    """How many rows were fetched or stored."""
    uri: str | None = None
    """STORE: the file in internal storage."""
    destination_table: DestinationTable | None = None
    """The table that the rows were written to."""


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
    """The query, in GoogleSQL unless said."""
    fetch_type: FetchType = "NONE"
    """What becomes of the rows: stored as a file, fetched into the outputs, only the first one, or left there."""
    format: RowFormat | None = None
    """How stored rows are written; `store: true` writes CSV, `fetchType: STORE` Ion, where nothing is said."""
    fetch: bool = False
    """Older spelling of `fetchType: FETCH`."""
    store: bool = False
    """Older spelling of `fetchType: STORE`, with CSV."""
    fetch_one: bool = False
    """Older spelling of `fetchType: FETCH_ONE`."""
    destination_table: str | None = None
    """Table that the rows are written to."""
    write_disposition: Literal["WRITE_TRUNCATE", "WRITE_TRUNCATE_DATA", "WRITE_APPEND", "WRITE_EMPTY"] | None = None
    """What happens with rows that are in that table: replaced, kept, or a reason to fail."""
    create_disposition: Literal["CREATE_IF_NEEDED", "CREATE_NEVER"] | None = None
    """Whether that table is made where it is not there."""
    schema_update_options: list[Literal["ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION"]] | None = None
    """How the query may change that table's columns."""
    clustering_fields: list[str] | None = None
    """Columns that a new table is clustered by."""
    time_partitioning_field: str | None = None
    """Column that a new table is partitioned by."""
    time_partitioning_type: Literal["DAY", "HOUR", "MONTH", "YEAR"] = "DAY"
    """How much time a partition holds."""
    range_partitioning_field: str | None = None
    """Column of whole numbers that a new table is partitioned by."""
    range_partitioning_start: int | None = None
    """Where the first of these partitions begins."""
    range_partitioning_end: int | None = None
    """Where the last one ends."""
    range_partitioning_interval: int | None = None
    """How many numbers a partition holds."""
    default_dataset: str | None = None
    """Dataset of tables that are named without one: `dataset` or `project.dataset`."""
    legacy_sql: bool = False
    """Whether the query is in BigQuery's older SQL."""
    use_legacy_sql: bool = False
    """Another spelling of `legacySql`."""
    use_query_cache: bool | None = None
    """Whether an answer that BigQuery still has may be given."""
    allow_large_results: bool | None = None
    """Older SQL only: whether the rows may be more than an answer holds."""
    flatten_results: bool = True
    """Older SQL only: whether nested values become columns."""
    dry_run: bool = False
    """Only check the query and say how much it would read."""
    labels_: dict[str, str] | None = Field(default=None, alias="labels")
    """Labels of the job."""
    job_timeout: Duration | None = None
    """After which BigQuery ends the job."""
    priority: Literal["INTERACTIVE", "BATCH"] = "INTERACTIVE"
    """BATCH waits until nobody else needs the machines."""
    maximum_billing_tier: int | None = None
    """Older limit of what the query may cost."""
    maximum_bytes_billed: int | None = None
    """A query that would be billed for more fails, and costs nothing."""
    max_results: int | None = None
    """Take no more rows than these."""

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

    @property
    def target(self) -> TableAddress | None:
        return table_address(self.destination_table) if self.destination_table else None

    async def run(self, ctx: RunContext) -> QueryOutput:
        client = await asyncio.to_thread(self.open, self.target)
        try:
            if self.dry_run:
                return await self._try(client, ctx)
            job = await JobRun(self, ctx, client, location=self.location).ended(_begin(self, client))
            _count(ctx, job)
            return await self._take(job, ctx)
        except failures() as error:
            raise explained(error, table=self.target) from error

    async def _try(self, client: Any, ctx: RunContext) -> QueryOutput:
        """A job that only says what it would do; it is over at once and has no id that can be asked for."""
        config = query_config(self, client.project)
        job = await asyncio.to_thread(client.query, self.sql, job_config=config, location=self.location)
        ctx.log.info(f"dry run: {job.total_bytes_processed} bytes would be processed")
        ctx.counter("total.bytes.processed", job.total_bytes_processed or 0)
        return QueryOutput(job_id=job.job_id)

    async def _take(self, job: Any, ctx: RunContext) -> QueryOutput:
        output = QueryOutput(job_id=job.job_id, destination_table=_destination(job))
        if self.wanted == "NONE":
            return output
        most = 1 if self.wanted == "FETCH_ONE" else self.max_results
        rows = await asyncio.to_thread(lambda: Rows(job.result(max_results=most)))
        ctx.counter("total.rows", rows.total)
        output = await (self._store(output, rows, ctx) if self.wanted == "STORE" else self._fetch(output, rows))
        ctx.counter("fetch.rows", output.size or 0)
        return output

    async def _fetch(self, output: QueryOutput, rows: Rows) -> QueryOutput:
        records: list[dict[str, Any]] = []
        while chunk := await asyncio.to_thread(rows.chunk):
            records.extend({name: plain(value) for name, value in zip(rows.columns, row, strict=True)} for row in chunk)
        if self.wanted == "FETCH_ONE":
            return replace(output, row=records[0] if records else None, size=len(records))
        return replace(output, rows=records, size=len(records))

    async def _store(self, output: QueryOutput, rows: Rows, ctx: RunContext) -> QueryOutput:
        name = f"query.{SUFFIXES[self.row_format]}"
        with closing(RowFile(ctx.working_dir / name, rows.columns, form=self.row_format)) as file:
            while chunk := await asyncio.to_thread(rows.chunk):
                await asyncio.to_thread(file.write, chunk)
        return replace(output, uri=await ctx.files.store(file.path, name), size=file.rows)


def _begin(task: Query, client: Any) -> Any:
    def begin(identifier: str, _stopped: threading.Event) -> Any:
        config = query_config(task, client.project)
        # Its own way to send a failed job again would give the job another id.
        return client.query(task.sql, job_config=config, job_id=identifier, location=task.location, job_retry=None)

    return begin


def _destination(job: Any) -> DestinationTable | None:
    table = job.destination
    return table and DestinationTable(project=table.project, dataset=table.dataset_id, table=table.table_id)


def _count(ctx: RunContext, job: Any) -> None:
    """The job's numbers as metrics."""
    numbers = {
        "cache.hit": None if job.cache_hit is None else int(job.cache_hit),
        "estimated.bytes.processed": job.estimated_bytes_processed,
        "num.child.jobs": job.num_child_jobs,
        "num.dml.affected.rows": job.num_dml_affected_rows,
        "referenced.tables": len(job.referenced_tables or ()),
        "total.bytes.billed": job.total_bytes_billed,
        "total.bytes.processed": job.total_bytes_processed,
        "total.slot.ms": job.slot_millis,
    }
    for name, number in numbers.items():
        if number is not None:
            ctx.counter(name, number)
