"""Compares executions with recorded ones: `python -m tests.conformance.golden DIR [--only PATTERN]`.

DIR is the folder of recordings: `2.0` has a file a flow with its runs, `sequences` one for each case of several actions.
Compared are histories of executions, task runs and attempts, the tree of task runs, outputs, labels and inputs; ids,
dates, durations and addresses of files are not, nor is the order of what runs at the same time.
"""

import argparse
import asyncio
import fnmatch
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from tests.conformance import cases
from tests.conformance.begin import upload
from tests.conformance.cases import PATIENCE, Outcome
from tests.conformance.installation import Installation, NeverCame, Seen, installation
from tests.conformance.play import Play, Unsupported
from tests.conformance.rendering import furnish
from tests.conformance.stubs import catalog
from tests.conformance.values import shown
from tests.conformance.verbs import VERBS

from tiercel.model.execution import Label
from tiercel.model.history import History
from tiercel.model.task_run import TaskRun
from tiercel.services.creator import InvalidInputs, Wish

EXPLAINED = {
    "ExecutionServiceTest.restartLoop.json": "all failed iterations run again; there only one does, and fails the loop",
    "FlowCaseTest.waitFailed.json": "recorded is a child of another case",
    "FlowConcurrencyCaseTest.flowConcurrencyQueueKilled.json": "the last one was admitted before it was killed, too",
    "FlowConcurrencyCaseTest.flowConcurrencyQueuedProtection.json": "slots are live executions: no counter is raised",
    "FlowConcurrencyCaseTest.flowConcurrencySlaFailSubflow.json": "recorded is an attempt that was written twice",
    "FlowConcurrencyCaseTest.flowConcurrencySubflow.json": "recorded is a cancelled child that counts as a success",
    "PauseTest.run.json": "the case resumes inside the engine, the recording could not",
    "retry-subflow.json": "an attempt has a history of its own, not that of the task run",
    "SubflowRunnerTest.subflowOutputWithWait.json": "both children fail at once here, one after the other there",
    "purge_logs_execution_only.json": "counts the lines of a whole server",
    "purge_logs_non_execution_only.json": "counts the lines of a whole server",
    "sla-parent-flow.json": "recorded is an attempt that was written twice",
    "subflow-parent-retry.json": "both children fail at once here, one after the other there",
    "TaskCacheTest.shouldCacheTaskRunOutput.json": "an attempt that finds its outputs in the cache ran to find them",
    "waitfor-child-task-warning.json": "more iterations fit into the time: the clock stands still while tasks run",
    "waitfor-max-duration.json": "more iterations fit into the time: the clock stands still while tasks run",
    "working-directory-invalid-runif.json": "recorded is a working directory that never ran, and a child of it that did",
    "workertask-result-too-large.json": "a large result goes to internal storage",
    "parallel-fail-with-flowable.json": "what runs beside a failed child is interrupted now",
    "waitfor-max-iterations.json": "one iteration fewer: `maxIterations` is the number of iterations now",
}
"""Recordings that differ on purpose, or that the original itself has outdated."""
_VOLATILE = {
    r"\b(?=[A-Za-z]*\d)[0-9A-Za-z]{20,22}\b": "<id>",
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})?(\[\w+\])?": "<date>",
    r"\bP(T|\d)[\dTHMS.]+": "<duration>",
    r"kestra:///\S+": "<uri>",
}
_SYSTEM = ("system.correlationId", "system.from")
_UNTIL = frozenset({"io.kestra.plugin.core.flow.LoopUntil", "io.kestra.plugin.core.flow.WaitFor"})


# What is recorded -----------------------------------------------------------------------------------------------------


def recordings(folder: Path, only: str) -> Iterator[Path]:
    for part in ("2.0", "sequences", "."):
        for path in sorted((folder / part).glob("*.json")):
            if fnmatch.fnmatch(path.name, only) or only in path.name:
                yield path


def root_of(path: Path) -> Path:
    """The folder that flows and cases lie in."""
    return next(parent for parent in path.parents if (parent / "cases.jsonl").is_file())


@cache
def flows_by_id(root: Path) -> dict[str, Path]:
    """The present flows, by their id; those of a name twice are taken from `valids`."""
    found: dict[str, Path] = {}
    for path in sorted((root / "flows/core/2.0").rglob("*.y*ml"), key=lambda path: path.parent.name == "valids"):
        if match := re.search(r"^id: *[\"']?([\w.-]+)", path.read_text(), re.MULTILINE):
            found[match[1]] = path
    return found


def sources_for(root: Path, first: Path) -> list[str]:
    """A flow and those it calls."""
    wanted, found = [first.read_text()], dict[str, str]()
    while wanted:
        text = wanted.pop()
        found.setdefault(text, text)
        for name in re.findall(r"flowId: *[\"']?([\w.-]+)", text):
            path = flows_by_id(root).get(name)
            if path is not None and path.read_text() not in found:
                wanted.append(path.read_text())
    return list(found)


# Comparing ------------------------------------------------------------------------------------------------------------


class Comparison:
    """One recorded execution beside one of ours."""

    def __init__(self, house: Installation, kinds: dict[str, str]) -> None:
        self.house = house
        self.kinds = kinds
        """The types of the flow's tasks, by id."""

    def execution(self, recorded: dict[str, Any], seen: Seen) -> Iterator[str]:
        """What differs, in sentences."""
        execution = recorded["execution"]
        waits = any(self.kinds.get(run["taskId"]) in _UNTIL for run in execution.get("taskRunList") or [])
        yield from _differ("the history", _states(execution["state"], waits=waits), _own(seen.execution.state))
        runs = {run["id"]: run for run in execution.get("taskRunList") or []}
        theirs = sorted(self._shown_run(run, runs, recorded) for run in runs.values())
        ours = sorted(self._own_run(run, seen) for run in seen.runs)
        yield from _listed("task run", theirs, ours)
        labels = {label["key"]: label["value"] for label in execution.get("labels", []) if label["key"] not in _SYSTEM}
        own = {label.key: label.value for label in seen.execution.labels if label.key not in _SYSTEM}
        yield from _differ("labels", _plain(labels), _plain(own))
        number = execution["metadata"]["attemptNumber"]
        yield from _differ("attemptNumber", number, seen.execution.metadata.attempt_number)
        yield from self._children(recorded, seen)

    def _children(self, recorded: dict[str, Any], seen: Seen) -> Iterator[str]:
        """Iterations of loops by their index, as far as they were recorded."""
        theirs = [child for child in recorded.get("children", []) if child["execution"].get("kind") == "LOOP"]
        ours = {
            one.execution.iteration.item.index: one for one in self.house.iterations(seen) if one.execution.iteration
        }
        for child in theirs:
            index = child["execution"]["loopRun"].get("index")
            if index not in ours:
                yield f"there is no iteration {index}"
            elif "RESTARTED" not in _states(child["execution"]["state"]):
                yield from (f"iteration {index}: {problem}" for problem in self.execution(child, ours[index]))

    def _shown_run(self, run: dict[str, Any], runs: dict[str, Any], recorded: dict[str, Any]) -> str:
        outputs = (recorded.get("outputs") or {}).get(run["id"])
        above = runs.get(run.get("parentTaskRunId") or "", {}).get("taskId", "")
        waits = self.kinds.get(run["taskId"]) in _UNTIL
        attempts = [_states(attempt["state"]) for attempt in run.get("attempts", [])]
        value = _plain(run.get("value"))
        task = self._task(run["taskId"])
        return _line(above, task, value, run.get("iteration"), _states(run["state"], waits=waits), attempts, outputs)

    def _own_run(self, run: TaskRun, seen: Seen) -> str:
        names = {other.id: other.task_id for other in seen.runs}
        attempts = [_own(attempt.state) for attempt in run.attempts]
        above, value = names.get(run.parent_task_run_id or "", ""), _plain(run.value)
        return _line(
            above, self._task(run.task_id), value, run.iteration, _own(run.state), attempts, shown(run.outputs)
        )

    def _task(self, name: str) -> str:
        """One that the flow has not was added by another task, under a name that is a new one each time."""
        return name if name in self.kinds else "<dynamic>"


def _line(above: str, task: str, value: Any, iteration: Any, states: str, attempts: list[str], outputs: Any) -> str:
    given = json.dumps(_plain(_counted(outputs or {})), sort_keys=True)
    return f"{above}/{task}[{value}]#{iteration}: {states} | {' | '.join(attempts)} {given}"


def _states(state: dict[str, Any], *, waits: bool = False) -> str:
    """A recorded history. Between two iterations of a LoopUntil ours stays RUNNING."""
    text = " ".join(moment["state"] for moment in state["histories"])
    return re.sub(r"RUNNING( PAUSED( RESTARTED)? RUNNING)+", "RUNNING", text) if waits else text


def _own(history: History) -> str:
    return " ".join(moment.state.value for moment in history.histories)


def _counted(outputs: dict[str, Any]) -> dict[str, Any]:
    """Of a Loop how many iterations began: the recorded number of those that ended is a map of states now, and the one
    that fails the loop is among them.
    """
    ended = outputs.get("terminatedIterations")
    if ended is None:
        return outputs
    number = sum(ended.values()) if isinstance(ended, dict) else ended
    begun = number + outputs.get("runningIterations", 0)
    return {**outputs, "terminatedIterations": begun, "runningIterations": begun}


def _plain(value: Any) -> Any:
    """A value without what differs from run to run."""
    match value:
        case str():
            return _plain_text(value)
        case {"type": "io.kestra.datatype:aes_encrypted"}:
            return "<encrypted>"
        case dict():
            return {_plain(key): _plain(each) for key, each in value.items() if each is not None}
        case list():
            return [_plain(each) for each in value]
        case _:
            return value


def _plain_text(text: str) -> Any:
    """JSON in a text is compared as what it means: the original writes maps in no order."""
    if text[:1] in ("{", "["):
        try:
            return _plain(json.loads(text))
        except ValueError:
            pass
    for pattern, name in _VOLATILE.items():
        text = re.sub(pattern, name, text)
    return text


def _differ(name: str, theirs: Any, ours: Any) -> Iterator[str]:
    if theirs != ours:
        yield f"{name}: recorded {theirs}, ours {ours}"


def _listed(name: str, theirs: list[str], ours: list[str]) -> Iterator[str]:
    for line in theirs:
        if line not in ours:
            yield f"recorded {name} {line}"
    for line in ours:
        if line not in theirs:
            yield f"our      {name} {line}"


# Running --------------------------------------------------------------------------------------------------------------


def judge(path: Path) -> list[Outcome]:
    """All executions of one recording."""
    if path.name in EXPLAINED:
        return [Outcome(path.name, [], f"chosen otherwise: {EXPLAINED[path.name]}")]
    recorded, root = json.loads(path.read_text()), root_of(path)
    try:
        if "steps" in recorded:
            case = next(case for case in cases.cases_of(root, recorded["case"]) if case["id"] == recorded["case"])
            if cases.speaks(case):
                return [Outcome(path.name, [], cases.NEEDS_SERVER)]
            return [Outcome(path.name, asyncio.run(_sequence(root, recorded, case)))]
        runs = [run for run in recorded.get("runs", []) if _is_whole(run)]
        flow = root / recorded["flow_source_file"]
        return [
            Outcome(f"{path.name} {run['case'] or ''}", asyncio.run(_run(root, flow, recorded["flow"], run)))
            for run in runs
        ]
    except (NeverCame, Unsupported) as error:
        return [Outcome(path.name, [str(error)])]
    except Exception as error:  # noqa: BLE001 one that breaks has failed, and the others go on
        return [Outcome(path.name, [f"{type(error).__name__}: {error}"])]


def _is_whole(run: dict[str, Any]) -> bool:
    """It was accepted, and had ended when it was recorded."""
    if run.get("create_status") != 200 or "note" in run or "execution" not in run:
        return False
    return run["execution"]["state"]["current"] in ("SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "PAUSED")


async def _run(root: Path, path: Path, flow: dict[str, Any], run: dict[str, Any]) -> list[str]:
    labels = [pair.partition(":") for name, pair in run["request"].get("query") or [] if name == "labels"]
    with tempfile.TemporaryDirectory(prefix="tiercel-golden-") as folder:
        async with (
            asyncio.timeout(PATIENCE),
            installation(Path(folder), sources=sources_for(root, path), secrets={}, types=catalog()) as house,
        ):
            await furnish(house, _files_for(root, run["case"]))
            inputs = {part["name"]: await _given(house, part) for part in run["request"].get("parts") or []}
            wish = Wish(
                namespace=flow["namespace"],
                flow_id=flow["id"],
                inputs=inputs,
                labels=tuple(Label(key, value) for key, _, value in labels),
            )
            try:
                created = await house.server.executor.create(wish)
            except InvalidInputs as error:
                return [f"the inputs {inputs} are refused: {error}"]
            identifier = created.created.id
            until = run["execution"]["state"]["current"]
            await house.until(
                lambda: (
                    not house.seen(identifier).live or (until == "PAUSED" and house.seen(identifier).state == "PAUSED")
                ),
                "the end",
            )
            return list(Comparison(house, types_in(path)).execution(run, house.seen(identifier)))


def _files_for(root: Path, identifier: str | None) -> list[str]:
    """The namespace files of the case that a run was recorded for: other things were not there when it was."""
    found = () if identifier is None else cases.cases_of(root, identifier)
    needs = [need for case in found if case["id"] == identifier for need in cases.needs(case)]
    return [need for need in needs if need.startswith("namespace files ")]


async def _given(house: Installation, part: dict[str, Any]) -> Any:
    """A value, or the address of the file that was sent."""
    if "filename" not in part:
        return part.get("value")
    return await upload(house, part["filename"], part.get("content") or "")


async def _sequence(root: Path, recorded: dict[str, Any], case: dict[str, Any]) -> list[str]:
    paths = [root / path for path in cases.flows_of(root, case)]
    sources = [source for path in paths for source in sources_for(root, path)]
    with tempfile.TemporaryDirectory(prefix="tiercel-golden-") as folder:
        async with (
            asyncio.timeout(PATIENCE),
            installation(
                Path(folder), sources=list(dict.fromkeys(sources)), secrets=cases.secrets(case), types=catalog()
            ) as house,
        ):
            play = Play(house, case)
            problems = await play.run(VERBS)
            if any(step.get("skipped") for step in recorded["steps"]):
                # What the recorder could not do has no recorded end.
                return problems
            await house.rest()
            for name, final in (recorded.get("final") or {}).items():
                if name in play.names and _is_whole({"create_status": 200, **final}):
                    comparison = Comparison(house, types_in(paths[0]))
                    found = comparison.execution(final, house.seen(play.names[name]))
                    problems += [f"{name}: {problem}" for problem in found]
            return problems


def types_in(path: Path) -> dict[str, str]:
    """The types of all tasks of a flow, by their ids."""
    found: dict[str, str] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "id" in value and "type" in value:
                found[str(value["id"])] = str(value["type"])
            value = list(value.values())
        if isinstance(value, list):
            for each in value:
                walk(each)

    walk(yaml.safe_load(path.read_text()))
    return found


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="tests.conformance.golden", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="*", help="a pattern of file names, or a part of them")
    options = parser.parse_args(arguments)
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        judged = list(pool.map(judge, recordings(options.folder.resolve(), options.only), chunksize=4))
    outcomes = [outcome for some in judged for outcome in some]
    return cases.report(outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
