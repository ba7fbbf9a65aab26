"""What is suggested where, as completion.yaml says."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.definition.editing.stage import completed

CASES = yaml.safe_load(Path(__file__).with_name("completion.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_suggestions_are_what_may_stand_there(case: dict[str, Any]) -> None:
    found = completed(case["flow"]).suggestions
    labels = [each.label for each in found]
    if "all" in case:
        assert labels == case["all"]
    if "first" in case:
        assert labels[0] == case["first"]
    if "text" in case:
        assert found[0].text == case["text"]
    assert set(case.get("has", ())) <= set(labels)
    assert not set(case.get("not", ())) & set(labels)


def test_the_whole_word_is_replaced() -> None:
    found = completed("tasks:\n  - id: a\n    type: core.lo¦g.Lag")
    assert (found.line, found.start, found.end) == (2, 10, 22)


def test_only_the_last_name_of_a_path_is_replaced() -> None:
    found = completed('tasks:\n  - id: a\n    message: "{{ flow.na¦"')
    assert (found.line, found.start, found.end) == (2, 22, 24)


def test_every_suggestion_of_a_property_tells_what_it_means() -> None:
    found = completed("¦").suggestions
    assert [each.label for each in found if "\n" not in each.about and each.label != "extend"] == []
