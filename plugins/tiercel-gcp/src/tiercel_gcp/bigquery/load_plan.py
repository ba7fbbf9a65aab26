"""What a load sends, as found out by looking at the file and at the table. Blocking: call it from a thread."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tiercel.sdk import TaskFailed
from tiercel_gcp.bigquery.client import missing_dataset, patience
from tiercel_gcp.bigquery.columns import match, refuse_unknown
from tiercel_gcp.bigquery.formats import SOURCE_FORMATS, CsvHead, Format, as_json_lines, csv_head, format_of, is_ion
from tiercel_gcp.bigquery.table import TableAddress
from tiercel_gcp.bigquery.upload import UploadFile

if TYPE_CHECKING:
    from tiercel_gcp.bigquery.load import Load

CONNECT_SECONDS, ANSWER_SECONDS = 10, 300


class LoadPlan:
    """`is_header_only` says whether anything is to be sent at all; `begin` sends it."""

    def __init__(self, task: "Load", client: Any, path: Path, address: TableAddress) -> None:
        self._task = task
        self._client = client
        self._path = path
        self._address = address
        self._existing, home = _table_or_dataset(client, address)
        self.location: str | None = task.location or home.location
        self._format: Format = task.format or format_of(path)
        self._head = self._csv_head() if self._format == "CSV" else None

    @classmethod
    def of(cls, task: "Load", client: Any, path: Path, address: TableAddress) -> "LoadPlan":
        """The plan, and the file as BigQuery can read it."""
        if is_ion(path) and task.format in (None, "JSON"):
            path = as_json_lines(path)
        return cls(task, client, path, address)

    def _csv_head(self) -> CsvHead:
        options = self._task.csv_options
        return csv_head(self._path, delimiter=options.field_delimiter, quote=options.quote, encoding=options.encoding)

    @property
    def _fields(self) -> Sequence[Any] | None:
        """The columns that the file's are compared with; None where nobody knows them yet."""
        if self._task.schema_ is not None:
            return _schema(self._task.schema_)
        return None if self._existing is None else self._existing.schema

    # nothing but a header -------------------------------------------------------------------------------------------

    @property
    def is_header_only(self) -> bool:
        """One line, and it is no row: it names columns, or there are none yet whose row it could be.

        Rows that are there and shall be replaced are replaced by nothing: that needs a job.
        """
        if self._head is None or self._head.has_rows or self._task.csv_options.skip_leading_rows == 0:
            return False
        if self.has_table and self._task.write_disposition.startswith("WRITE_TRUNCATE"):
            return False
        return self._fields is None or match(self._head, self._fields).is_header

    @property
    def has_table(self) -> bool:
        return self._existing is not None

    # the job --------------------------------------------------------------------------------------------------------

    def begin(self, identifier: str, stopped: threading.Event) -> Any:
        """Send the file as a load job."""
        with UploadFile(self._path, stopped) as file:
            return self._client.load_table_from_file(
                file,
                self._address.reference(),
                job_id=identifier,
                job_config=self._config(),
                location=self.location,
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
            )

    def _config(self) -> Any:
        from google.cloud import bigquery

        library: Any = bigquery
        task = self._task
        config = library.LoadJobConfig(source_format=SOURCE_FORMATS[self._format])
        if task.time_partitioning_field:
            config.time_partitioning = library.TimePartitioning(
                type_=task.time_partitioning_type, field=task.time_partitioning_field
            )
        for name, value in (self._given() | self._csv() | self._columns()).items():
            if value is not None:
                setattr(config, name, value)
        return config

    def _given(self) -> dict[str, Any]:
        """Options that were written down."""
        task = self._task
        return {
            "write_disposition": task.write_disposition,
            "create_disposition": task.create_disposition,
            "ignore_unknown_values": task.ignore_unknown_values,
            "max_bad_records": task.max_bad_records,
            "clustering_fields": task.clustering_fields,
            "schema_update_options": task.schema_update_options,
            "use_avro_logical_types": task.avro_options.use_avro_logical_types,
        }

    def _csv(self) -> dict[str, Any]:
        options = self._task.csv_options
        if self._head is None:
            return {}
        return {
            "allow_quoted_newlines": options.allow_quoted_new_lines,
            "allow_jagged_rows": options.allow_jagged_rows,
            "field_delimiter": options.field_delimiter,
            "quote_character": options.quote,
            "encoding": options.encoding,
            "skip_leading_rows": options.skip_leading_rows,
        }

    def _columns(self) -> dict[str, Any]:
        """How columns are found: as told, else by the file's header, else by BigQuery's guess for a new table."""
        task = self._task
        if task.autodetect:
            return {"autodetect": True}
        if self._fields is None:
            return {"autodetect": True if task.autodetect is None else None}
        told = {"schema": list(self._fields)} if task.schema_ is not None else {}
        return told | self._by_header(self._fields)

    def _by_header(self, fields: Sequence[Any]) -> dict[str, Any]:
        """The columns in the file's order, where its first line names them."""
        skipped = self._task.csv_options.skip_leading_rows
        if self._head is None or skipped not in (None, 1):
            return {}
        found = match(self._head, fields)
        if found.unknown and "ALLOW_FIELD_ADDITION" in (self._task.schema_update_options or ()):
            return {"autodetect": True} if found.is_header else {}
        if skipped is None and not self._task.ignore_unknown_values:
            refuse_unknown(found, fields, self._address)
        return {"schema": found.fields, "skip_leading_rows": 1} if found.fields else {}


def _schema(written: dict[str, Any]) -> list[Any]:
    from google.cloud import bigquery

    library: Any = bigquery
    try:
        return [library.SchemaField.from_api_repr(field) for field in written.get("fields", [])]
    except (KeyError, TypeError, AttributeError) as error:
        raise TaskFailed(f"schema needs `fields`, each with name and type; {error!r}") from error


def _table_or_dataset(client: Any, address: TableAddress) -> tuple[Any, Any]:
    """The table, or None, and whatever is there of table and dataset. A missing dataset is not created."""
    from google.api_core.exceptions import NotFound

    try:
        table = client.get_table(address.reference(), retry=patience())
        return table, table
    except NotFound:
        pass
    try:
        return None, client.get_dataset(address.home(), retry=patience())
    except NotFound as error:
        raise missing_dataset(address.project, address.dataset) from error
