"""What a case may expect of the iterations of an execution's loops; some of it the cases say in sentences."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.conformance.installation import Seen
from tests.conformance.values import at, shown

if TYPE_CHECKING:
    from tests.conformance.judge import Judge


def loop_iterations(judge: "Judge", seen: Seen, wanted: dict[str, Any]) -> Iterator[str]:
    found = judge.house.iterations(seen)
    for name, value in wanted.items():
        match name:
            case "count":
                if len(found) != value:
                    yield f"there are {len(found)} iterations, not {value}"
            case "all_state":
                yield from (
                    f"iteration {number} is {one.state}" for number, one in enumerate(found) if one.state != value
                )
            case "each_taskrun_count":
                yield from (
                    f"iteration {number} has {len(one.runs)} task runs"
                    for number, one in enumerate(found)
                    if len(one.runs) != value
                )
            case "any_taskrun":
                runs = [run for one in found for run in one.runs if run.task_id == value["task_id"]]
                rest = {key: part for key, part in value.items() if key != "task_id"}
                if not any(not list(judge.run(run, rest)) for run in runs):
                    yield f"no task run of an iteration is {value}: {[shown(run.outputs) for run in runs]}"
            case "taskrun_totals":
                totals = Counter(run.task_id for one in found for run in one.runs)
                yield from (
                    f"{task} ran {totals[task]} times, not {times}"
                    for task, times in value.items()
                    if totals[task] != times
                )
            case "each":
                yield from _each_iteration(judge, seen, found, value)
            case "nested":
                yield from _nested_iterations(judge, found, value)
            case _ if name.startswith("iteration"):
                number = int(name.removeprefix("iteration"))
                if number >= len(found):
                    yield f"there is no {name}"
                else:
                    yield from (f"{name}: {problem}" for problem in judge.execution(found[number], value))
            case _:
                yield f"the harness knows no expectation `{name}` of iterations"


def _each_iteration(judge: "Judge", parent: Seen, found: list[Seen], sentence: str) -> Iterator[str]:
    """The cases say it in words: first and last outputs against the item, or the parent's id."""
    for number, one in enumerate(found):
        loop = one.execution.iteration
        first = at(shown(one.runs[0].outputs), "value") if one.runs else None
        if "<index> - <value>" in sentence:
            expected: Any = f"{number} - {loop.item.value if loop else None}"
        elif "<key> - <value>" in sentence:
            expected = f"{loop.item.key if loop else None} - {loop.item.value if loop else None}"
        elif "I'm before the loop" in sentence:
            expected = "I'm before the loop"
            last = at(shown(one.runs[-1].outputs), "value")
            if last != parent.id:
                yield f"iteration {number} sees the execution {last}, not {parent.id}"
        else:
            yield f"the harness does not know what `{sentence}` means"
            return
        if first != expected:
            yield f"iteration {number} gave {first!r}, not {expected!r}"


def _nested_iterations(judge: "Judge", found: list[Seen], sentence: str) -> Iterator[str]:
    """`3 nested, each with 3 more` and `1 nested, 1 more nested`."""
    counts = [int(number) for number in re.findall(r"\b(\d+)\b(?= nested| more)", sentence)]
    level = found
    for count in counts:
        below = [judge.house.iterations(one) for one in level]
        if any(len(iterations) != count for iterations in below):
            yield f"iterations hold {[len(iterations) for iterations in below]} iterations, not {count} each"
        level = [one for iterations in below for one in iterations]
    if "innermost" in sentence:
        for one in level:
            item = next((run for run in one.runs if run.task_id == "item"), None)
            loop = one.execution.iteration
            if (
                item is None
                or loop is None
                or at(shown(item.outputs), "value") != f"{loop.item.index} - {loop.item.value}"
            ):
                yield f"an innermost iteration gave {item and shown(item.outputs)}"
