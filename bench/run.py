"""`python -m bench.run NAME… [--quick] [--json FILE]`: measure the limits, then each workload, on a server if it needs one.

Exit status 1 when a figure that must hold does not, or the data are not what they must be; 2 when the machine was too
busy to judge.
"""

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

from bench import deciding, language, limits, machine, schedules
from bench.report import BUSY, Report
from bench.server import running
from bench.verify import Broken
from bench.workloads import WORKLOADS

ALONE = {**language.WORKLOADS, **deciding.WORKLOADS}
"""They need no server."""
OWN = {"schedule": schedules.schedule}
"""They start a server of their own, on a database they fill."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("names", nargs="+", choices=sorted([*WORKLOADS, *ALONE, *OWN]))
    parser.add_argument(
        "--quick", action="store_true", help="short steps: judges costs and whether rates are sustained"
    )
    parser.add_argument("--json", type=Path, help="keep all lines in this file")
    options = parser.parse_args()
    report = Report(quick=options.quick)
    try:
        share = asyncio.run(measure(options.names, report))
    except Broken as problem:
        print(f"no RESULT: {problem}", flush=True)
        return 1
    if options.json:
        options.json.write_text(json.dumps(report.lines, indent=1, default=str))
    return 1 if report.failed() else 2 if share < BUSY else 0


async def measure(names: list[str], report: Report) -> float:
    """All workloads, those that need a server on one; the least share of a core that was to be had."""
    with tempfile.TemporaryDirectory(prefix="tiercel-bench-") as folder:
        home = _entered_by_all(Path(folder))
        before = machine.describe(home)
        report.say("MACHINE", {"when": "before", **before})
        for name in names:
            if name in ALONE:
                ALONE[name](report)
        for name in names:
            if name in OWN:
                await OWN[name](_entered_by_all(home / name), report)
        await _with_server([name for name in names if name in WORKLOADS], home, report)
        after = machine.describe(home)
        report.say("MACHINE", {"when": "after", **after})
        return min(before["core_share"], after["core_share"])


async def _with_server(names: list[str], home: Path, report: Report) -> None:
    if not names:
        return
    async with running(home) as server:
        found = await limits.measure(server)
        report.say("LIMIT", found)
        for name in names:
            await WORKLOADS[name](server, report, found)


def _entered_by_all(folder: Path) -> Path:
    """Where we are root, PostgreSQL runs as an ordinary user and must come in."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    return folder


if __name__ == "__main__":
    raise SystemExit(main())
