"""One input, judged as a user would meet it: without instruments. `python -m fuzz.judge TARGET FILE…` prints complaints.

An input is refused in our own words, within a second of CPU and 200 MB beyond what the program takes by itself.
"""

import resource
import sys
import time
from pathlib import Path

from fuzz.targets import run

SECONDS = 1.0
MEGABYTES = 200


def complaint(name: str, data: bytes, *, at_rest: float | None = None) -> str | None:
    """What is wrong with how an input is taken; None where nothing is. `at_rest`: what the process takes by itself."""
    before, begun = peak_mb() if at_rest is None else at_rest, time.process_time()
    try:
        run(name, data)
    except Exception as error:  # noqa: BLE001 – whatever it is, it is what we look for
        return f"{type(error).__name__}: {error}"
    seconds, grown = time.process_time() - begun, peak_mb() - before
    if seconds > SECONDS:
        return f"takes {seconds:.1f} s"
    return f"takes {grown:.0f} MB" if grown > MEGABYTES else None


def peak_mb() -> float:
    """The most memory that this process has taken so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    name, *files = sys.argv[1:]
    at_rest = peak_mb()
    found = {file: complaint(name, Path(file).read_bytes(), at_rest=at_rest) for file in files}
    for file, problem in found.items():
        if problem:
            print(f"{file}: {problem}", flush=True)
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
