"""Files a script leaves: all below its output folder, and those that `outputFiles` names. Also after a failure."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from tiercel.sdk import RunContext

_WILD = frozenset("*?[")


def is_pattern(name: str) -> bool:
    return not _WILD.isdisjoint(name)


async def collect(ctx: RunContext, *, working_dir: Path, output_dir: Path, patterns: list[str]) -> dict[str, str]:
    """URIs by relative path. A named file that is missing is told, and no failure."""
    uris: dict[str, str] = {}
    for path in _below(output_dir):
        name = path.relative_to(output_dir).as_posix()
        uris[name] = await ctx.files.store(path, name)
    for pattern in patterns:
        found = list(_matches(working_dir, output_dir, pattern))
        if not found and not is_pattern(pattern):
            ctx.log.warning(f"output file {pattern} is not there")
        for path in found:
            name = path.relative_to(working_dir).as_posix()
            uris[name] = await ctx.files.store(path, _stored_name(ctx, name))
    return uris


def _stored_name(ctx: RunContext, name: str) -> str:
    """Distinct for files of one name in different folders; the extension stays."""
    return f"{ctx.info.task_id}-{quote(name, safe='')}"


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if _is_ours(path, folder))


def _matches(working_dir: Path, output_dir: Path, pattern: str) -> Iterator[Path]:
    if not is_pattern(pattern):
        named = working_dir / pattern
        return iter([named] if _is_ours(named, working_dir) else [])
    found = sorted(working_dir.glob(pattern.lstrip("/")))
    return (path for path in found if _is_ours(path, working_dir) and output_dir not in path.parents)


def _is_ours(path: Path, folder: Path) -> bool:
    """A regular file that lies below the folder, links resolved: what leads out is not followed."""
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())
