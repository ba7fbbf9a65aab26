"""A BigQuery client of a task, and its errors in words for people. All of it blocks: call it from a thread."""

import os
import re
from typing import Any, TypeVar

from tiercel.sdk import Output, RunContext, TaskFailed
from tiercel_gcp.bigquery.table import TableAddress
from tiercel_gcp.credentials import GoogleTask

OutputT = TypeVar("OutputT", bound=Output)
EMULATOR = "BIGQUERY_EMULATOR_HOST"
CONNECT_SECONDS = 60


class BigQueryTask(GoogleTask[OutputT]):
    """What all BigQuery types share."""

    location: str | None = None
    """Where the job runs; the dataset's location unless said."""
    retry_auto: dict[str, Any] | None = None
    retry_reasons: list[str] = [
        "rateLimitExceeded",
        "jobBackendError",
        "backendError",
        "internalError",
        "jobInternalError",
    ]
    retry_messages: list[str] = [
        "due to concurrent update",
        "Retrying the job may solve the problem",
        "Retrying may solve the problem",
    ]

    def open(self, table: TableAddress | None = None) -> Any:
        """The client. Its project: `projectId`, else the credentials', else the table's."""
        from google.cloud import bigquery

        if emulator := os.environ.get(EMULATOR):
            return self._emulated(emulator, table)
        credentials, project = self.credentials()
        library: Any = bigquery
        return library.Client(project=self._project(project, table), credentials=credentials, location=self.location)

    def _emulated(self, emulator: str, table: TableAddress | None) -> Any:
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery

        library: Any = bigquery
        anonymous: Any = AnonymousCredentials
        endpoint = emulator if "://" in emulator else f"http://{emulator}"
        return library.Client(
            project=self._project(None, table),
            credentials=anonymous(),
            client_options={"api_endpoint": endpoint},
            location=self.location,
        )

    def _project(self, of_credentials: str | None, table: TableAddress | None) -> str:
        project = self.project_id or of_credentials or (table.project if table else None)
        if not project:
            raise TaskFailed("no project: set projectId, use credentials that belong to one, or name it in the table")
        return project


def job_id(ctx: RunContext) -> str:
    """The same for a run sent again by a lost worker, so that nothing is done twice."""
    return f"tiercel_{re.sub(r'[^A-Za-z0-9_-]', '_', ctx.info.task_run_id)}_{ctx.info.attempt}"


def explained(error: Exception, *, table: str | None = None) -> TaskFailed:
    """A BigQuery error as TaskFailed: the missing thing is named, the job's own errors are listed."""
    from google.api_core.exceptions import GoogleAPICallError, NotFound

    dataset = re.search(r"[Nn]ot found: Dataset ([\w.:-]+)", str(error))
    if isinstance(error, NotFound) and dataset is not None:
        project, _, name = dataset[1].replace(":", ".").rpartition(".")
        return TaskFailed(f"dataset {name} does not exist in project {project}, create it or correct destinationTable")
    problems: list[Any] = list(getattr(error, "errors", None) or [])
    texts = [str(problem.get("message", "")) for problem in problems if isinstance(problem, dict)]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportUnknownArgumentType]
    message = error.message if isinstance(error, GoogleAPICallError) else str(error)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    where = f" ({table})" if table else ""
    return TaskFailed(f"BigQuery{where}: {'; '.join(dict.fromkeys(text for text in texts if text)) or message}")
