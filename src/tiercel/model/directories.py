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
    """Which files: patterns as `**/*.jar`, at least one."""
    ttl: Duration | None = None
    """How long they are found again; without it for ever."""


class WorkingDirectory(Flowable):
    """Runnable tasks one after the other, on one worker, in one folder."""

    types = (FLOW + "WorkingDirectory", OLD_FLOW + "WorkingDirectory", OLD_FLOW + "Worker")
    example = """
        id: one_folder
        namespace: company.team
        tasks:
          - id: folder
            type: io.kestra.plugin.core.flow.WorkingDirectory
            inputFiles:
              names.txt: |
                Ada
                Grace
            outputFiles: ["*.txt"]
            tasks:
              - id: first
                type: io.kestra.plugin.core.debug.Return
                format: made here
              - id: second
                type: io.kestra.plugin.core.log.Log
                message: "{{ outputs.first.value }}"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ read(outputs.folder.outputFiles['names.txt']) }}"
    """
    tasks: Tasks = ()
    """What is done, one after the other, at least one task. Runnable ones only, and none says which worker it wants: all run on one."""
    cache: DirectoryCache | None = None
    """Files of the folder that the next execution of the flow finds again: kept when the tasks are done. A cache that cannot be read or written is told in the log, and fails nothing."""
    namespace_files: dict[str, Any] | None = None
    """Files of the namespace that are put into the folder first: `enabled`, `include` and `exclude` (patterns), `namespaces`, `ifExists`, `folderPerNamespace`."""
    input_files: dict[str, Any] | str | None = None
    """Files that are put into the folder first: by name a text or the URI of a file of internal storage. Or an expression that gives JSON of that."""
    output_files: tuple[str, ...] | str | None = None
    """Patterns of files that are stored when the tasks are done: `outputs.<id>.outputFiles['name']` is the URI of each."""

    def children(self) -> Tasks:
        return self.tasks
