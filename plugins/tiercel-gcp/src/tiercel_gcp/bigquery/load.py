"""`io.kestra.plugin.gcp.bigquery.Load`: a file of internal storage into a table."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from tiercel.sdk import Output, Properties, RunContext, TaskFailed
from tiercel_gcp.bigquery.client import BigQueryTask, explained, job_id
from tiercel_gcp.bigquery.formats import SOURCE_FORMATS, CsvHead, Format, csv_head, format_of
from tiercel_gcp.bigquery.table import table_address


class CsvOptions(Properties):
    allow_jagged_rows: bool | None = None
    allow_quoted_new_lines: bool = True
    encoding: str = "UTF-8"
    field_delimiter: str = ","
    quote: str = '"'
    skip_leading_rows: int | None = None
    """Lines to skip; unless said, one where the first line names columns of the table."""


class AvroOptions(Properties):
    use_avro_logical_types: bool | None = None


class LoadOutput(Output, frozen=True):
    job_id: str | None
    """None where there was nothing to load."""
    destination_table: str
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
    """Of the file; by its extension, else by its first bytes."""
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    """`{fields: [{name, type, mode}]}`."""
    autodetect: bool | None = None
    csv_options: CsvOptions = CsvOptions()
    avro_options: AvroOptions = AvroOptions()
    failed_on_empty: bool = True
    """An empty file, of no bytes at all, is a failure."""
    write_disposition: Literal["WRITE_TRUNCATE", "WRITE_TRUNCATE_DATA", "WRITE_APPEND", "WRITE_EMPTY"] = "WRITE_APPEND"
    create_disposition: Literal["CREATE_IF_NEEDED", "CREATE_NEVER"] | None = None
    ignore_unknown_values: bool | None = None
    max_bad_records: int | None = None
    clustering_fields: list[str] | None = None
    schema_update_options: list[Literal["ALLOW_FIELD_ADDITION", "ALLOW_FIELD_RELAXATION"]] | None = None
    time_partitioning_field: str | None = None
    time_partitioning_type: Literal["DAY", "HOUR", "MONTH", "YEAR"] = "DAY"

    async def run(self, ctx: RunContext) -> LoadOutput:
        address = table_address(self.destination_table)
        path = await ctx.files.fetch(self.from_)
        if await asyncio.to_thread(_size, path) == 0:
            return self._nothing(self.destination_table)
        client = await asyncio.to_thread(self.open, address)
        table = address.within(client.project)
        existing = await asyncio.to_thread(_existing, client, table)
        form = self.format or await asyncio.to_thread(format_of, path)
        head = await asyncio.to_thread(self._head, path) if form == "CSV" else None
        if head is not None and self._is_header_only(head, existing):
            return _header_only(ctx, table, existing)
        config = self._config(form, head, existing)
        return await self._load(ctx, client, path, table, config)

    def _nothing(self, table: str) -> LoadOutput:
        if self.failed_on_empty:
            raise TaskFailed(
                f"{self.from_} is empty: nothing to load into {table} (set failedOnEmpty: false to let it pass)"
            )
        return LoadOutput(job_id=None, destination_table=table, rows=0)

    def _head(self, path: Path) -> CsvHead:
        options = self.csv_options
        return csv_head(path, delimiter=options.field_delimiter, quote=options.quote, encoding=options.encoding)

    def _is_header_only(self, head: CsvHead, existing: Any) -> bool:
        """One line, and it is no row: it names the table's columns, or there is no table whose row it could be."""
        names_columns = existing is None or _names_columns(head, existing)
        return not head.has_rows and names_columns and self.csv_options.skip_leading_rows != 0

    def _config(self, form: Format, head: CsvHead | None, existing: Any) -> Any:
        from google.cloud import bigquery

        library: Any = bigquery
        config = library.LoadJobConfig(source_format=SOURCE_FORMATS[form], write_disposition=self.write_disposition)
        for name, value in self._given().items():
            setattr(config, name, value)
        if self.time_partitioning_field:
            config.time_partitioning = library.TimePartitioning(
                type_=self.time_partitioning_type, field=self.time_partitioning_field
            )
        if self.schema_ is not None:
            config.schema = [library.SchemaField.from_api_repr(field) for field in self.schema_.get("fields", [])]
        self._shape(config, head, existing)
        return config

    def _given(self) -> dict[str, Any]:
        """Options of the job that were written down."""
        options: dict[str, Any] = {
            "create_disposition": self.create_disposition,
            "ignore_unknown_values": self.ignore_unknown_values,
            "max_bad_records": self.max_bad_records,
            "clustering_fields": self.clustering_fields,
            "schema_update_options": self.schema_update_options,
            "use_avro_logical_types": self.avro_options.use_avro_logical_types,
            "autodetect": self.autodetect,
        }
        return {name: value for name, value in options.items() if value is not None}

    def _shape(self, config: Any, head: CsvHead | None, existing: Any) -> None:
        """How columns are found: from the file's header where the table is there, by detection where it is not."""
        if head is not None:
            self._csv(config)
        is_told = self.schema_ is not None or self.autodetect is not None
        if existing is None:
            config.autodetect = config.autodetect if is_told else True
        elif head is not None and not is_told:
            self._match(config, head, existing)

    def _csv(self, config: Any) -> None:
        options = self.csv_options
        config.allow_quoted_newlines = options.allow_quoted_new_lines
        config.allow_jagged_rows = options.allow_jagged_rows
        config.field_delimiter = options.field_delimiter
        config.quote_character = options.quote
        config.encoding = options.encoding
        if options.skip_leading_rows is not None:
            config.skip_leading_rows = options.skip_leading_rows

    def _match(self, config: Any, head: CsvHead, existing: Any) -> None:
        """The file's columns in the file's order. A header that names unknown columns is a mistake worth naming."""
        columns = {field.name.lower(): field for field in existing.schema}
        unknown = [name for name in head.header if name.lower() not in columns]
        if unknown and len(unknown) < len(head.header) and not self.ignore_unknown_values:
            raise TaskFailed(
                f"table {existing.full_table_id} has no column {', '.join(unknown)}; it has {', '.join(columns)}"
            )
        if not unknown:
            config.schema = [columns[name.lower()] for name in head.header]
            if self.csv_options.skip_leading_rows is None:
                config.skip_leading_rows = 1

    async def _load(self, ctx: RunContext, client: Any, path: Path, table: str, config: Any) -> LoadOutput:
        identifier = job_id(ctx)
        ctx.log.info(f"loading {path.name} into {table} by job {identifier}")
        start = partial(_start, client, path, table, identifier, config, self.location)
        try:
            job = await asyncio.to_thread(start)
            await asyncio.to_thread(job.result)
        except asyncio.CancelledError:
            await asyncio.to_thread(_cancel, client, identifier, self.location)
            raise
        except Exception as error:
            raise explained(error, table=table) from error
        ctx.counter("output.rows", job.output_rows or 0)
        return LoadOutput(job_id=job.job_id, destination_table=table, rows=job.output_rows or 0)


def _start(client: Any, path: Path, table: str, identifier: str, config: Any, location: str | None) -> Any:
    """Start the job; one of that id that is there already is taken over."""
    from google.api_core.exceptions import Conflict

    with path.open("rb") as file:
        try:
            return client.load_table_from_file(file, table, job_id=identifier, job_config=config, location=location)
        except Conflict:
            return client.get_job(identifier, location=location)


def _cancel(client: Any, identifier: str, location: str | None) -> None:
    from google.api_core.exceptions import GoogleAPICallError

    try:
        client.cancel_job(identifier, location=location)
    except GoogleAPICallError:
        return  # it ended, or never began: nothing is left to stop


def _existing(client: Any, table: str) -> Any:
    """The table, or None. A missing dataset is an error: it is not created."""
    from google.api_core.exceptions import NotFound

    try:
        return client.get_table(table)
    except NotFound:
        return _none_if_dataset(client, table)


def _none_if_dataset(client: Any, table: str) -> None:
    from google.api_core.exceptions import NotFound

    project, dataset, _ = table.rsplit(".", 2)
    try:
        client.get_dataset(f"{project}.{dataset}")
    except NotFound as error:
        raise TaskFailed(
            f"dataset {dataset} does not exist in project {project}, create it or correct destinationTable"
        ) from error


def _names_columns(head: CsvHead, existing: Any) -> bool:
    columns = {field.name.lower() for field in existing.schema}
    return all(name.lower() in columns for name in head.header)


def _header_only(ctx: RunContext, table: str, existing: Any) -> LoadOutput:
    if existing is None:
        ctx.log.warning(f"the file has a header and no rows, and {table} does not exist: nothing was created")
    else:
        ctx.log.info("the file has a header and no rows: nothing to load")
    return LoadOutput(job_id=None, destination_table=table, rows=0)


def _size(path: Path) -> int:
    return path.stat().st_size
