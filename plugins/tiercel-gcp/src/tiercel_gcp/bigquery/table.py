"""The address of a table: `project.dataset.table`, `project:dataset.table` or `dataset.table`."""

import re
from typing import NamedTuple

from tiercel.sdk import TaskFailed

_ADDRESS = re.compile(r"(?:(?P<project>[^.:]+(?:\.[^.:]+:[^.:]+)?)[.:])?(?P<dataset>\w+)\.(?P<table>[^.:]+)")


class TableAddress(NamedTuple):
    project: str | None
    dataset: str
    table: str

    def within(self, project: str) -> str:
        """The full address, in `project` where none is named."""
        return f"{self.project or project}.{self.dataset}.{self.table}"


def table_address(text: str) -> TableAddress:
    """Raises TaskFailed that says what an address looks like."""
    found = _ADDRESS.fullmatch(text.strip().strip("`"))
    if found is None:
        raise TaskFailed(f"{text!r} is no table; write project.dataset.table or dataset.table")
    return TableAddress(found["project"], found["dataset"], found["table"])
