"""One input, judged as a user would meet it: without instruments. `python -m fuzz.judge TARGET FILE…` prints complaints.

An input is refused in our own words, within a second of CPU and 200 MB beyond what the program takes by itself. On a machine
that is slower than usual, for what it is or for what else it does, the second is as much longer.
"""

import resource
import sys
import time
from pathlib import Path

from fuzz.targets import run

SECONDS = 1.0
TRIES = 4
ROUNDS, USUAL = 1_000_000, 0.033
"""Of a bare loop, and the seconds of CPU it usually takes."""
MEGABYTES = 200


def complaint(name: str, data: bytes, *, at_rest: float | None = None) -> str | None:
    """What is wrong with how an input is taken; None where nothing is. `at_rest`: what the process takes by itself."""
    before = peak_mb() if at_rest is None else at_rest
    try:
        seconds = _least(name, data)
    except Exception as error:  # noqa: BLE001 – whatever it is, it is what we look for
        return f"{type(error).__name__}: {error}"
    grown = peak_mb() - before
    if seconds > SECONDS:
        return f"takes {seconds:.1f} s"
    return f"takes {grown:.0f} MB" if grown > MEGABYTES else None


def _least(name: str, data: bytes) -> float:
    """Seconds of CPU on a usual machine; the least of some tries, where one was disturbed."""
    least = float("inf")
    for _ in range(TRIES):
        begun = time.process_time()
        run(name, data)
        seconds = time.process_time() - begun
        least = min(least, seconds if seconds <= SECONDS else seconds / slowness())
        if least <= SECONDS:
            break
    return least


def slowness() -> float:
    """How much slower than usual the machine is now, at least 1."""
    begun, total = time.process_time(), 0
    for number in range(ROUNDS):
        total += number
    return max(1.0, (time.process_time() - begun) / USUAL)


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
