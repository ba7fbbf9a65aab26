"""Runs the cases of a folder: `python -m tests.conformance.cases DIR [--only PATTERN] [--journal memory|postgres]`.

Each case has an installation of its own; all processors work. On PostgreSQL its rows are compared with those in memory.
What is chosen otherwise, needs the network or speaks HTTP is named and never counted as passed.
"""

import argparse
import asyncio
import fnmatch
import json
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from tests.adapters.postgres.server import Server, running_server
from tests.conformance import rendering, rest, topology, validate
from tests.conformance.ignored import ignored_by, others_named
from tests.conformance.installation import NeverCame, installation
from tests.conformance.mirrored import Mirrored, mirrored
from tests.conformance.play import Play, Unsupported
from tests.conformance.stubs import catalog
from tests.conformance.verbs import VERBS

CHOSEN_OTHERWISE = {
    "K20/AbstractRunnerTest.workerTaskResultTooLarge": "a large result goes to internal storage",
    "K20/FlowConcurrencyCaseTest.flowConcurrencyQueuedProtection": "slots are live executions: no counter is raised",
    "L021/ExecutionServiceTest.replayEachSeq2": "later values of a sequential loop run again as a whole",
    "L021/FlowTest.workerGroup": "a worker group is accepted, and becomes a tag",
    "L021/FlowTest.inputValidation": "refused in the words of 2.0",
}
NEEDS_SERVER = "speaks HTTP: run the cases with --journal postgres"
PATIENCE = 60.0
"""Seconds of real time for one case."""


class NeedsServer(Exception):
    """The case speaks HTTP."""


class Outcome(NamedTuple):
    case: str
    problems: list[str]
    skipped: str = ""


def cases_of(folder: Path, only: str) -> Iterator[dict[str, Any]]:
    for line in (folder / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if fnmatch.fnmatch(case["id"], only) or only in case["id"]:
            yield case


def judge(folder: Path, case: dict[str, Any], dsn: str | None = None) -> Outcome:
    """One case, run; on PostgreSQL where its address is given."""
    if reason := set_aside(case):
        return Outcome(case["id"], [], reason)
    try:
        return Outcome(case["id"], KINDS[case["kind"]](folder, case, dsn))
    except NeedsServer:
        return Outcome(case["id"], [], NEEDS_SERVER)
    except (NeverCame, Unsupported) as error:
        return Outcome(case["id"], [str(error)])
    except Exception as error:  # noqa: BLE001 a case that breaks has failed, and the others go on
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Outcome(case["id"], [f"{type(error).__name__}: {error} ({Path(last.filename).name}:{last.lineno})"])


def set_aside(case: dict[str, Any]) -> str:
    """Why a case is not judged at all; empty for one that is."""
    if case["id"] in CHOSEN_OTHERWISE:
        return f"chosen otherwise: {CHOSEN_OTHERWISE[case['id']]}"
    return "needs the network" if case.get("offline") == "network" else ""


def speaks(case: dict[str, Any]) -> bool:
    """Whether it needs a server: for its routes or its scheduler, or for what only they do with stored executions."""
    actions = {action["do"] for action in case.get("actions", [])}
    is_asked = case["kind"] == "rest" or (case["kind"] == "validation" and bool(actions))
    return is_asked or not actions.isdisjoint({"delete", "start_scheduler"})


def _judge_execution(folder: Path, case: dict[str, Any], dsn: str | None) -> list[str]:
    if speaks(case):
        raise NeedsServer
    return asyncio.run(_play(folder, case, dsn))


async def _play(root: Path, case: dict[str, Any], dsn: str | None) -> list[str]:
    sources = [(root / path).read_text(encoding="utf-8") for path in flows_of(root, case)]
    journals: list[Mirrored] = []
    with tempfile.TemporaryDirectory(prefix="tiercel-case-") as folder:
        async with (
            asyncio.timeout(PATIENCE),
            mirrored(dsn, journals) as journal_on,
            installation(
                Path(folder),
                sources=sources,
                secrets=secrets(case),
                types=catalog(),
                has_key=_has_key(case),
                journal_on=journal_on,
                ignoring=ignored_by(case),
            ) as house,
        ):
            await rendering.furnish(house, needs(case))
            problems = await Play(house, case).run(VERBS)
            await house.rest()
            return problems + [problem for journal in journals for problem in await journal.problems()]


def flows_of(root: Path, case: dict[str, Any]) -> list[str]:
    """The case's own flow and those it needs; flows that actions name lie beside them."""
    paths = [case["flow_file"], *(need["flow"] for need in case.get("needs") or [] if "flow" in need)]
    paths += others_named(root, case)
    return [path for path in dict.fromkeys(paths) if path]


def secrets(case: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for need in case.get("needs") or []:
        if secret := re.match(r"secret (\S+) = (.*)", str(need.get("other"))):
            found[secret[1]] = secret[2]
    return found


def needs(case: dict[str, Any]) -> list[str]:
    """What a case needs beside flows and plugins, in words."""
    return [str(need["other"]) for need in case.get("needs") or [] if "other" in need]


def _has_key(case: dict[str, Any]) -> bool:
    return not any("without encryption key" in need for need in needs(case))


def _judge_elsewhere(folder: Path, case: dict[str, Any], dsn: str | None) -> list[str]:
    if case["kind"] == "inputs" and "taskruns" in case["expect"]:
        # It is about a run with these inputs.
        return _judge_execution(folder, {**case, "actions": [{"do": "run", "as": "e1"}]}, dsn)
    if speaks(case):
        raise NeedsServer
    problem = validate.judge_case(case, folder)
    return [] if problem is None else [problem]


def _judge_topology(folder: Path, case: dict[str, Any], dsn: str | None) -> list[str]:
    return topology.judge_case(folder, case)


def _judge_expression(folder: Path, case: dict[str, Any], dsn: str | None) -> list[str]:
    return asyncio.run(rendering.judge(folder, case, secrets(case)))


def _needs_a_server(folder: Path, case: dict[str, Any], dsn: str | None) -> list[str]:
    raise NeedsServer


KINDS = {
    "execution": _judge_execution,
    "validation": _judge_elsewhere,
    "inputs": _judge_elsewhere,
    "topology": _judge_topology,
    "expression": _judge_expression,
    "rest": _needs_a_server,
}


def run(folder: Path, cases: Iterable[dict[str, Any]], dsn: str | None = None) -> Iterator[Outcome]:
    """All cases, on all processors, in their order."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(judge, *zip(*((folder, case, dsn) for case in cases), strict=True), chunksize=4)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tests.conformance.cases", description=__doc__)
    parser.add_argument("folder", type=Path, help="holds cases.jsonl and the flows it names")
    parser.add_argument("--only", default="*", help="a pattern of ids, or a part of them")
    parser.add_argument("--journal", choices=("memory", "postgres"), default="memory")
    options = parser.parse_args(arguments)
    cases = list(cases_of(options.folder, options.only))
    if options.journal == "memory":
        return report(list(run(options.folder, cases)) if cases else [])
    with running_server() as postgres:
        outcomes = list(run(options.folder, cases, postgres.dsn)) if cases else []
        spoken = [case for case in cases if speaks(case) and not set_aside(case)]
        return report(
            [*(one for one in outcomes if one.skipped != NEEDS_SERVER), *converse(options.folder, spoken, postgres)]
        )


def converse(folder: Path, cases: list[dict[str, Any]], postgres: Server) -> Iterator[Outcome]:
    """The cases that speak HTTP, one after the other with one server."""
    if not cases:
        return
    with rest.server(postgres) as api:
        for case in cases:
            try:
                yield Outcome(case["id"], rest.Conversation(api, folder, case).run())
            except Exception as error:  # noqa: BLE001 a case that breaks has failed, and the others go on
                yield Outcome(case["id"], [f"{type(error).__name__}: {str(error)[:300]}"])


def report(outcomes: list[Outcome]) -> int:
    """Print each failure, what was not judged, and last how many passed and failed; the exit code."""
    for outcome in outcomes:
        for problem in outcome.problems:
            sys.stdout.write(f"{outcome.case}: {problem}\n")
        if outcome.skipped:
            sys.stdout.write(f"{outcome.case}: {outcome.skipped}\n")
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    skipped = sum(bool(outcome.skipped) for outcome in outcomes)
    sys.stdout.write(f"{skipped} named above are neither\n{len(outcomes) - failed - skipped} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
