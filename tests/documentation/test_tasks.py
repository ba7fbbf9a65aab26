"""The examples on the pages of tasks are run, and give what the pages say."""

from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any, cast

import pytest
from tests.conformance.installation import installation
from tests.documentation.compared import differences
from tests.documentation.examples import CHECKOUT, Example, examples
from tests.documentation.played import outcome, play

from tiercel.model.flowable import FLOWABLES
from tiercel.services.catalog import PluginCatalog


@pytest.mark.parametrize("example", [*examples("tasks"), *examples(".")])
async def test_an_example_gives_what_its_page_says(example: Example, tmp_path: Path) -> None:
    assert await found_wrong(example, tmp_path) == []


async def found_wrong(example: Example, folder: Path) -> list[str]:
    """What comes of an example otherwise than it says."""
    types = PluginCatalog.installed()
    async with installation(folder, sources=list(example.flows), secrets={}, types=types) as house:
        seen = await play(house, example)
        return differences(example.gives, await outcome(house, seen))


CHANGES: dict[str, dict[str, Any]] = {
    "Labels": {"state": "SUCCESS", "labels": {"size": "large", "flow": "labelled_on_the_way"}},
    "SetVariables": {"state": "SUCCESS", "variables": {"limits": {"rows": 20}, "mode": "full"}},
    "UnsetVariables": {"state": "SUCCESS", "variables": {}, "log": ["no mode"]},
    "Exit": {"state": "WARNING", "taskRuns": {"is_empty": "WARNING", "leave": "WARNING"}},
}
"""What the examples of the tasks give that change their own execution; they share a page with others of their family."""


@pytest.mark.parametrize("word", CHANGES)
async def test_the_example_of_a_task_that_changes_its_execution_does_so(word: str, tmp_path: Path) -> None:
    flow = cleandoc(FLOWABLES[f"io.kestra.plugin.core.execution.{word}"].example)
    example = Example(CHECKOUT / "docs/reference/tasks/execution.md", (flow,), CHANGES[word])
    assert await found_wrong(example, tmp_path) == []


def test_each_task_that_decides_what_runs_has_a_page_with_an_example_that_is_run() -> None:
    shown = {task["type"] for one in examples("tasks") for task in types_in(one.values[0].started)}
    engine = {known.types[0] for known in FLOWABLES.values()}
    flowables = {name for name in engine if name.startswith("io.kestra.plugin.core.flow.") and "$" not in name}
    assert len(flowables) > 15
    assert flowables - shown == set()


def types_in(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of a flow that has a type, at any depth."""
    if isinstance(value, dict):
        found = cast(dict[str, Any], value)
        yield from (found,) if "type" in found else ()
        for inner in found.values():
            yield from types_in(inner)
    elif isinstance(value, list):
        for inner in cast(list[Any], value):
            yield from types_in(inner)
