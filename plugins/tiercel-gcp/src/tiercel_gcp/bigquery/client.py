"""A BigQuery client of a task, and its errors in words for people. All of it blocks: call it from a thread."""

import os
import re
from typing import Any, TypeVar, cast

from tiercel.sdk import Output, TaskFailed
from tiercel.sdk.retry import Retry
from tiercel_gcp.bigquery.table import TableAddress
from tiercel_gcp.credentials import GoogleTask

OutputT = TypeVar("OutputT", bound=Output)
EMULATOR = "BIGQUERY_EMULATOR_HOST"
PROJECT = "GOOGLE_CLOUD_PROJECT"
PATIENCE_SECONDS = 60
"""For one request, however often Google's library repeats it."""


class BigQueryTask(GoogleTask[OutputT]):
    """What all BigQuery types share."""

    location: str | None = None
    """Where the job runs; the dataset's location unless said."""
    retry_auto: Retry = Retry.model_validate(
        {"type": "exponential", "interval": "PT5S", "maxInterval": "PT1H", "maxDuration": "PT15M"}
    )
    """When and how often a job that BigQuery itself could not finish is sent again."""
    retry_reasons: list[str] = [
        "rateLimitExceeded",
        "jobBackendError",
        "backendError",
        "internalError",
        "jobInternalError",
    ]
    """A job that failed for one of these reasons is sent again."""
    retry_messages: list[str] = [
        "due to concurrent update",
        "Retrying the job may solve the problem",
        "Retrying may solve the problem",
    ]
    """So is a job whose error holds one of these texts."""

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
            project=self._project(os.environ.get(PROJECT), table),
            credentials=anonymous(),
            client_options={"api_endpoint": endpoint},
            location=self.location,
        )

    def _project(self, of_credentials: str | None, table: TableAddress | None) -> str:
        project = self.project_id or of_credentials or (table.project if table else None)
        if not project:
            raise TaskFailed("no project: set projectId, use credentials that belong to one, or name it in the table")
        return project


def patience() -> Any:
    """How requests are repeated: as Google's library does it, but not for ten minutes."""
    from google.cloud.bigquery import DEFAULT_RETRY

    library: Any = DEFAULT_RETRY
    return library.with_timeout(PATIENCE_SECONDS)


def failures() -> tuple[type[Exception], ...]:
    """What Google's library raises when the other side refuses, fails or does not answer."""
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    return (GoogleAPIError, GoogleAuthError, RequestException)


def problems(error: Exception) -> list[dict[str, Any]]:
    """What BigQuery itself lists as wrong, each with `reason` and `message`."""
    listed: Any = getattr(error, "errors", None) or ()
    return [cast(dict[str, Any], problem) for problem in listed if isinstance(problem, dict)]


def explained(error: Exception, *, table: object = None) -> TaskFailed:
    """A BigQuery error as TaskFailed: the missing thing is named, the job's own errors are listed."""
    dataset = re.search(r"[Nn]ot found: Dataset ([\w.:-]+)", str(error))
    if dataset is not None:
        project, _, name = dataset[1].replace(":", ".").rpartition(".")
        return missing_dataset(project, name)
    texts = [str(problem.get("message", "")) for problem in problems(error)]
    told = "; ".join(dict.fromkeys(text for text in texts if text))
    where = f" ({table})" if table else ""
    return TaskFailed(f"BigQuery{where}: {told or _message(error)}")


def missing_dataset(project: str | None, dataset: str) -> TaskFailed:
    return TaskFailed(f"dataset {dataset} does not exist in project {project}, create it or correct the table's name")


def _message(error: Exception) -> str:
    """The words of an error, without the method and address that Google's library puts before them."""
    cause: Any = getattr(error, "cause", None)
    if cause is not None:
        return f"no good answer within {PATIENCE_SECONDS} s: {cause}"
    return str(getattr(error, "message", "") or error)
