"""The property `namespaceFiles`: files of namespaces that lie in the working folder of a task before it begins."""

from typing import Literal

from tiercel.sdk.context import RunContext
from tiercel.sdk.errors import TaskFailed
from tiercel.sdk.properties import Properties


class NamespaceFilesWanted(Properties):
    """Which files of namespaces lie in the folder."""

    enabled: bool = True
    """Whether any do."""
    include: list[str] = []
    """Patterns of those that do; none: all."""
    exclude: list[str] = []
    """Patterns of those that do not."""
    namespaces: list[str] = []
    """Later ones win; none: the flow's own."""
    if_exists: Literal["OVERWRITE", "WARN", "FAIL", "IGNORE"] = "OVERWRITE"
    """What to do where the folder has a file of the name."""
    folder_per_namespace: bool = False
    """Whether the files of each namespace lie in a folder of its name."""


async def put_namespace_files(wanted: NamespaceFilesWanted | None, ctx: RunContext) -> None:
    """Copy them into the working folder. Raises TaskFailed."""
    if wanted is not None and wanted.enabled:
        for namespace in wanted.namespaces or [ctx.info.namespace]:
            await _put(wanted, namespace, ctx)


async def _put(wanted: NamespaceFilesWanted, namespace: str, ctx: RunContext) -> None:
    folder = ctx.working_dir / namespace if wanted.folder_per_namespace else ctx.working_dir
    for file in await ctx.namespace_files.find(namespace, include=wanted.include, exclude=wanted.exclude):
        target = folder / file.path
        if target.exists() and not _may_replace(wanted, file.path, ctx):
            continue
        await ctx.namespace_files.fetch(file, target)


def _may_replace(wanted: NamespaceFilesWanted, path: str, ctx: RunContext) -> bool:
    match wanted.if_exists:
        case "FAIL":
            raise TaskFailed(f"the namespace file {path} is there already, and `ifExists` is FAIL")
        case "WARN":
            ctx.log.warning(f"the namespace file {path} is there already and stays as it is")
            return False
        case "IGNORE":
            return False
        case "OVERWRITE":
            return True
