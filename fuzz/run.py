"""`python -m fuzz.run [TARGET…] [--minutes N]`: fuzz each target in turn; what was found is kept beside the tests.

The corpus grows in `.fuzz/`, so that each run goes on where the last one stopped. Exit status 1 when anything was found:
the inputs are in `tests/safety/found/<target>/`, where a test replays them for ever.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from fuzz.corpus import CHECKOUT, LONGEST, write_corpus, write_dictionary
from fuzz.judge import MEGABYTES
from fuzz.targets import TARGETS

WORK = CHECKOUT / ".fuzz"
FOUND = CHECKOUT / "tests/safety/found"
INSTRUMENTS_MB = 500
"""What atheris, the corpus and the counters take by themselves; memory is judged exactly without them."""
HANGS_SECONDS = 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz.run", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(TARGETS)}; all when left out")
    parser.add_argument("--minutes", type=float, default=10, help="for all of them together (10)")
    options = parser.parse_args()
    names = options.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    seconds = round(60 * options.minutes / len(names))
    complaints = [complaint for name in names for complaint in fuzz(name, seconds)]
    print("\n".join(complaints) if complaints else f"nothing found in {', '.join(names)}", flush=True)
    return 1 if complaints else 0


def fuzz(name: str, seconds: int) -> list[str]:
    """Fuzz one target; what is wrong, one line each."""
    corpus, seeds, suspects = WORK / name, WORK / "seeds" / name, WORK / "suspects" / name
    for folder in (corpus, suspects):
        folder.mkdir(parents=True, exist_ok=True)
    write_corpus(name, seeds, _shared())
    write_dictionary(name, WORK / f"{name}.dict")
    status = subprocess.run(
        [
            *(sys.executable, "-m", "fuzz.harness", name, str(suspects)),
            *(f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-timeout={HANGS_SECONDS}"),
            *(f"-rss_limit_mb={MEGABYTES + INSTRUMENTS_MB}", f"-artifact_prefix={suspects}/"),
            *(f"-dict={WORK / f'{name}.dict'}", "-verbosity=0", "-print_final_stats=1", str(corpus), str(seeds)),
        ],
        cwd=CHECKOUT,
        check=False,
    ).returncode
    found = [line for suspect in sorted(suspects.iterdir()) if (line := _judged(name, suspect))]
    return found or (
        [f"{name}: the fuzzer ended with status {status}"] if status and not any(suspects.iterdir()) else []
    )


def _judged(name: str, suspect: Path) -> str | None:
    """The complaint about a suspect, which is kept then; one that behaves without instruments is dropped."""
    data = suspect.read_bytes()
    suspect.unlink()
    problem = _without_instruments(name, data)
    if problem is None:
        return None
    kept = FOUND / name / suspect.name
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)
    return f"{kept.relative_to(CHECKOUT)}: {problem}"


def _without_instruments(name: str, data: bytes) -> str | None:
    file = WORK / "suspect"
    file.write_bytes(data)
    command = [sys.executable, "-m", "fuzz.judge", name, str(file)]
    try:
        judged = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return "never ends"
    if judged.returncode == 0:
        return None
    return judged.stdout.partition(": ")[2].strip() or f"ends the process: {judged.stderr[-200:]}"


def _shared() -> Path | None:
    folder = Path(os.environ.get("TIERCEL_SHARED", CHECKOUT.parent / "shared"))
    return folder if folder.is_dir() else None


if __name__ == "__main__":
    raise SystemExit(main())
