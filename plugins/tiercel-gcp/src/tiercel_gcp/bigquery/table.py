"""The address of a table: `project.dataset.table`, `project:dataset.table` or `dataset.table`."""

import re
from typing import Any, NamedTuple

from tiercel.sdk import TaskFailed

_DATASET = r"(?:(?P<project>(?:[\w.-]+:)?[\w-]+)[.:])?(?P<dataset>\w+)"
_ADDRESS = re.compile(_DATASET + r"\.(?P<table>[^.:]+)")
"""A project may have a domain in front: `example.com:project`."""


class TableAddress(NamedTuple):
    project: str | None
    dataset: str
    table: str

    def within(self, project: str) -> "TableAddress":
        """The full address, in `project` where none is named."""
        return self._replace(project=self.project or project)

    def reference(self) -> Any:
        """The table as Google's library wants it; the address must be full."""
        return self.home().table(self.table)

    def home(self) -> Any:
        """The dataset, likewise."""
        from google.cloud import bigquery

        library: Any = bigquery
        return library.DatasetReference(self.project, self.dataset)

    def __str__(self) -> str:
        return ".".join(part for part in self if part)


def table_address(text: str) -> TableAddress:
    """Raises TaskFailed that says what an address looks like."""
    found = _ADDRESS.fullmatch(text.strip().replace("`", ""))
    if found is None:
        raise TaskFailed(f"{text!r} is no table: write project.dataset.table or dataset.table")
    return TableAddress(found["project"], found["dataset"], found["table"])


def dataset_reference(text: str, project: str) -> Any:
    """A dataset as Google's library wants it, in `project` where none is named. Raises TaskFailed."""
    from google.cloud import bigquery

    found = re.fullmatch(_DATASET, text.strip().replace("`", ""))
    if found is None:
        raise TaskFailed(f"{text!r} is no dataset: write dataset or project.dataset")
    library: Any = bigquery
    return library.DatasetReference(found["project"] or project, found["dataset"])
