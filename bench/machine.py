"""What machine this is, and how much of it we have: a figure of a busy machine says little."""

import json
import os
import platform
import tempfile
import time
from pathlib import Path
from typing import Any


def describe(home: Path) -> dict[str, Any]:
    """The facts beside which a figure can be read."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "fdatasync_per_s": round(fdatasync_rate(home)),
        "load": os.getloadavg()[0],
        "core_share": round(core_share(), 2),
    }


def core_share(seconds: float = 0.5) -> float:
    """The share of a core that a busy loop gets."""
    begun, used = time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < seconds:
        pass
    return (time.process_time() - used) / (time.perf_counter() - begun)


def fdatasync_rate(home: Path, seconds: float = 1.0) -> float:
    """How often a second one block can be made durable on the disk of `home`."""
    with tempfile.NamedTemporaryFile(dir=home) as file:
        begun, count = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            os.fdatasync(file.fileno())
            count += 1
        return count / (time.perf_counter() - begun)


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def line(kind: str, facts: dict[str, Any]) -> str:
    """One line of the report: a word and a JSON object."""
    return f"{kind} {json.dumps(facts, ensure_ascii=False, default=str)}"
