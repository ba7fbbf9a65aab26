"""CPU time and memory of whole process trees, read from /proc: children that ended are counted with their parent."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

TICK = os.sysconf("SC_CLK_TCK")


class Usage(NamedTuple):
    cpu: float
    """Seconds, user and system."""
    pss: int
    """Bytes, shared pages divided among their users."""


def tree(pid: int) -> Iterator[int]:
    """The process and all that descend from it."""
    yield pid
    for task in _read(pid, "task").iterdir() if _read(pid, "task").exists() else ():
        for child in _text(task / "children").split():
            yield from tree(int(child))


def cpu(pid: int) -> float:
    """Seconds used so far by a tree."""
    return sum(_own_cpu(each) for each in tree(pid))


def pss(pid: int) -> int:
    """Bytes a tree holds."""
    return sum(_own_pss(each) for each in tree(pid))


def rss(pid: int) -> int:
    """Bytes that a tree holds in memory now."""
    return sum(_of_status(each, "VmRSS:") for each in tree(pid))


def peak(pid: int) -> int:
    """Bytes that a tree held at most, each process by itself, since `forget_peak`."""
    return sum(_of_status(each, "VmHWM:") for each in tree(pid))


def forget_peak(pid: int) -> None:
    """Let `peak` begin anew."""
    for each in tree(pid):
        _read(each, "clear_refs").write_text("5")


def parent(pid: int) -> int:
    return int(_text(_read(pid, "stat")).rpartition(")")[2].split()[1])


def _own_cpu(pid: int) -> float:
    fields = _text(_read(pid, "stat")).rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / TICK if fields else 0.0


def _own_pss(pid: int) -> int:
    return _kilobytes(_read(pid, "smaps_rollup"), "Pss:")


def _of_status(pid: int, name: str) -> int:
    return _kilobytes(_read(pid, "status"), name)


def _kilobytes(file: Path, name: str) -> int:
    lines = _text(file).splitlines()
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)


def _read(pid: int, name: str) -> Path:
    return Path("/proc", str(pid), name)


def _text(path: Path) -> str:
    """A file of /proc, empty when its process is gone."""
    try:
        return path.read_text()
    except OSError:
        return ""
