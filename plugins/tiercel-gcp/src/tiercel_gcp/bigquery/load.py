"""`io.kestra.plugin.gcp.bigquery.Load`: a file of internal storage into a table."""

import asyncio
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from tiercel.sdk import Output, Properties, RunContext, TaskFailed
from tiercel_gcp.bigquery.client import BigQueryTask, explained, failures
from tiercel_gcp.bigquery.formats import Format
from tiercel_gcp.bigquery.job import JobRun
from tiercel_gcp.bigquery.load_plan import LoadPlan
from tiercel_gcp.bigquery.table import TableAddress, table_address


class CsvOptions(Properties):
    """How a CSV is written."""

    allow_jagged_rows: bool | None = None
    """Whether columns at the end of a row may be missing."""
    allow_quoted_new_lines: bool = True
    """Whether a quoted value may hold line breaks."""
    encoding: str = "UTF-8"
    """Of the text."""
    field_delimiter: str = ","
    """Between two values."""
    quote: str = '"'
    """Around values; empty where nothing is quoted."""
    skip_leading_rows: int | None = Field(default=None, ge=0)
    """Lines to skip; unless said, one where the first line names columns of the table."""


class AvroOptions(Properties):
    """How Avro is read."""

    use_avro_logical_types: bool | None = None
    """Whether logical types become BigQuery's types: dates dates, instead of numbers."""


class LoadOutput(Output, frozen=True):
    job_id: str | None
    """None where there was nothing to load."""
    destination_table: str
    """The full address of the table."""
    rows: int
    """Rows loaded by this job."""


class Load(BigQueryTask[LoadOutput], type="io.kestra.plugin.gcp.bigquery.Load"):
    """Load a file into a table, by a load job that streams it."""

    example = """
id: load_events
namespace: company.team
inputs:
  - {id: file, type: FILE}
tasks:
  - id: load
    type: io.kestra.plugin.gcp.bigquery.Load
    from: "{{ inputs.file }}"
    destinationTable: project.dataset.events
"""

    from_: str = Field(alias="from")
    """Internal storage URI of the file."""
    destination_table: str
    """`project.dataset.table` or `dataset.table`. The dataset must be there."""
    format: Format | None = None
    """Of the file; unless said, known by its extension, else by its first bytes. Ion becomes JSON lines."""
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    """`{fields: [{name, type, mode}]}`."""
    autodetect: bool | None = None
    """Whether BigQuery guesses columns and types from the file; unless said, where the table is not there yet."""
    csv_options: CsvOptions = CsvOptions()
    """How a CSV is written."""
    avro_options: AvroOptions = AvroOptions()
    """How Avro is read."""
    failed_on_empty: bool = True
    """Whether an empty file, of no bytes at all, is a failure."""
    write_disposition: Literal["WRITE_TRUNCATE", "WRITE_TRUNCATE_DATA", "WRITE_APPEND", "WRITE_EMPTY"] = "WRITE_APPEND"
    """What happens with rows that are there: replaced, kept, or a reason to fail."""
    create_disposition: Literal["CREATE_IF_NEEDED", "CREATE_NEVER"] | None = None
    """Whether a table that is not there is made; it is, unless said otherwise."""
    ignore_unknown_values: bool | None = None
    """Whether values that the table has no column for are left out instead of being a failure."""
    max_bad_records: int | None = None
    """How many rows may be bad before the job fails."""
    clustering_fields: list[str] | None = None
    """Columns that a new table is clustered by."""
    schema_update_options: list[Literal["ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION"]] | None = None
    """How the job may change the table's columns."""
    time_partitioning_field: str | None = None
    """Column that a new table is partitioned by."""
    time_partitioning_type: Literal["DAY", "HOUR", "MONTH", "YEAR"] = "DAY"
    """How much time a partition holds."""

    async def run(self, ctx: RunContext) -> LoadOutput:
        address = table_address(self.destination_table)
        path = await ctx.files.fetch(self.from_)
        client = await asyncio.to_thread(self.open, address)
        address = address.within(client.project)
        if await asyncio.to_thread(_size, path) == 0:
            return self._nothing(address)
        try:
            return await self._load(ctx, client, path, address)
        except failures() as error:
            raise explained(error, table=address) from error

    def _nothing(self, address: TableAddress) -> LoadOutput:
        if self.failed_on_empty:
            raise TaskFailed(
                f"{self.from_} is empty: nothing to load into {address} (set failedOnEmpty: false to let it pass)"
            )
        return LoadOutput(job_id=None, destination_table=str(address), rows=0)

    def _header_only(self, ctx: RunContext, address: TableAddress, *, is_there: bool) -> LoadOutput:
        if is_there:
            ctx.log.info("the file has a header and no rows: nothing to load")
        else:
            ctx.log.warning(f"the file has a header and no rows, and {address} does not exist: nothing was created")
        return LoadOutput(job_id=None, destination_table=str(address), rows=0)

    async def _load(self, ctx: RunContext, client: Any, path: Path, address: TableAddress) -> LoadOutput:
        plan = await asyncio.to_thread(LoadPlan.of, self, client, path, address)
        if plan.is_header_only:
            return self._header_only(ctx, address, is_there=plan.has_table)
        ctx.log.info(f"loading {self.from_} into {address}")
        job = await JobRun(self, ctx, client, location=plan.location).ended(plan.begin)
        _count(ctx, job)
        return LoadOutput(job_id=job.job_id, destination_table=str(address), rows=job.output_rows or 0)


def _count(ctx: RunContext, job: Any) -> None:
    """The job's numbers as metrics."""
    numbers = {
        "input.files": job.input_files,
        "input.bytes": job.input_file_bytes,
        "output.bytes": job.output_bytes,
        "output.rows": job.output_rows,
    }
    for name, number in numbers.items():
        if number is not None:
            ctx.counter(name, number)


def _size(path: Path) -> int:
    return path.stat().st_size
