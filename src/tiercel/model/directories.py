"""WorkingDirectory: tasks that share a folder of one worker."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from tiercel.model.structural import FLOW, OLD_FLOW, Flowable, Tasks
from tiercel.model.task import Authored, Duration


def _as_list(written: object) -> object:
    return (written,) if isinstance(written, str) else written


class DirectoryCache(Authored):
    """Files of the folder that the next execution finds again."""

    patterns: Annotated[
        tuple[str, ...], Field(min_length=1), BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])
    ]
    ttl: Duration | None = None


class WorkingDirectory(Flowable):
    """Runnable tasks one after the other, on one worker, in one folder."""

    types = (FLOW + "WorkingDirectory", OLD_FLOW + "WorkingDirectory", OLD_FLOW + "Worker")
    tasks: Tasks = ()
    """At least one; definition.checks.structure says so in words of its own."""
    cache: DirectoryCache | None = None
    """Files that the next execution finds again."""
    namespace_files: dict[str, Any] | None = None
    """As scripts write it; read by the worker."""
    input_files: dict[str, Any] | str | None = None
    """Files that are put into the folder first: names and contents."""
    output_files: tuple[str, ...] | str | None = None
    """Patterns of files that are kept when the tasks are done."""

    def children(self) -> Tasks:
        return self.tasks
