"""The flow of a file and the flows beside it, read and checked; what is wrong is told with the line it stands in."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tiercel import definition
from tiercel.definition import Problem, Reading, errors
from tiercel.definition.check import check
from tiercel.model.flow import Flow
from tiercel.ports.flows import FlowDraft
from tiercel.services.catalog import PluginCatalog

ENDINGS = (".yaml", ".yml")
# To read and check a folder costs more than to run a small flow. Whatever starts an execution names its flow so.
_STARTS_OTHERS = re.compile(r"flowId|subflow", re.IGNORECASE)


@dataclass(frozen=True)
class FlowFile:
    """One flow file as it was read."""

    path: Path
    reading: Reading
    problems: tuple[Problem, ...]

    @property
    def flow(self) -> Flow | None:
        """The flow, when nothing forbids running it."""
        return None if errors(self.problems) else self.reading.flow

    @property
    def text(self) -> str:
        return self.reading.document.text if self.reading.document else ""


def read_file(path: Path, catalog: PluginCatalog) -> FlowFile:
    """Read and check a file. Raises OSError where it cannot be read, UnicodeDecodeError where it is no text."""
    defaults = definition.Defaults(resolve=catalog.resolve)
    reading = definition.read(path.read_text(encoding="utf-8"), filename=path.name, defaults=defaults)
    return FlowFile(path, reading, check(reading, catalog))


def read_beside(file: FlowFile, catalog: PluginCatalog) -> Iterator[FlowFile]:
    """The readable flows in the other files of the folder; none where the flow starts no other."""
    if not _STARTS_OTHERS.search(file.text):
        return
    path = file.path
    for other in sorted(path.parent.iterdir()):
        if other.suffix in ENDINGS and other.is_file() and not other.samefile(path):
            try:
                found = read_file(other, catalog)
            except (OSError, UnicodeDecodeError):
                continue
            if found.flow is not None:
                yield found


def drafts(files: Iterable[FlowFile]) -> list[FlowDraft]:
    """The flows of these files; where two have one name the first counts."""
    found: dict[tuple[str, str], FlowDraft] = {}
    for file in files:
        flow = file.flow
        if flow is not None and (flow.namespace, flow.id) not in found:
            found[flow.namespace, flow.id] = FlowDraft(
                namespace=flow.namespace,
                id=flow.id,
                source=file.text,
                disabled=flow.disabled,
                at=datetime.now(UTC),
            )
    return list(found.values())


def described(file: FlowFile, problem: Problem) -> str:
    """A problem with its place, the line of the file, and a mark under what is meant."""
    place = f"{file.path}:{problem.line}:{problem.column}" if problem.line else str(file.path)
    told = f"{place}: {problem.severity.lower()}: {problem.message}"
    lines = file.path.read_text(encoding="utf-8").splitlines()
    if not 0 < problem.line <= len(lines):
        return told
    line = lines[problem.line - 1].replace("\t", " ")
    width = problem.end_column - problem.column if problem.end_line == problem.line else 1
    margin = f"{problem.line:>5} | "
    mark = " " * (len(margin) + problem.column - 1) + "^" * max(width, 1)
    return f"{told}\n{margin}{line}\n{mark}"
