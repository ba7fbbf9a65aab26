"""References to outputs in internal storage, as those see them who read the data around."""

from collections.abc import Callable
from typing import Any

import pytest

from tiercel.model.sealed import plain
from tiercel.model.spilled import Recalled, filled, is_spilled, recalled, reference, references

URI = "kestra:///company/flow/executions/one/_outputs/abc.json"
REFERENCE = reference(URI, 5)


@pytest.mark.parametrize(
    "value",
    [
        {"$ref": URI},
        {"$ref": URI, "size": 5, "more": 1},
        {"$ref": "#/components/Pet", "size": 5},
        {"$ref": "kestra:///company/flow/executions/one/tasks/other.json", "size": 5},
        [REFERENCE],
        URI,
    ],
)
def test_what_only_looks_like_a_reference_is_none(value: Any) -> None:
    assert not is_spilled(value)
    assert is_spilled(REFERENCE)


def counted(documents: dict[str, Any]) -> tuple[Callable[[str], Any], list[str]]:
    asked: list[str] = []

    def recall(uri: str) -> Any:
        asked.append(uri)
        return documents[uri]

    return recall, asked


def test_a_file_is_asked_for_when_something_in_it_is_named_and_no_earlier() -> None:
    recall, asked = counted({URI: {"value": "long"}})
    seen = Recalled({"big": REFERENCE, "small": {"value": 1}}, recall)
    assert seen["small"]["value"] == 1
    assert list(seen) == ["big", "small"]
    assert asked == []
    assert seen["big"]["value"] == "long"
    assert asked == [URI]


def test_references_are_found_within_lists_and_within_what_a_file_holds() -> None:
    other = URI.replace("abc", "def")
    recall, _ = counted({URI: {"inner": reference(other, 1)}, other: {"value": 7}})
    seen = recalled({"rows": [{"outputs": REFERENCE}, 2]}, recall)
    assert plain(seen) == {"rows": [{"outputs": {"inner": {"value": 7}}}, 2]}


def test_only_the_names_below_which_outputs_stand_are_looked_into() -> None:
    recall, asked = counted({URI: {"value": "long"}})
    seen = Recalled({"inputs": REFERENCE, "outputs": {"big": REFERENCE}}, recall, only=frozenset({"outputs"}))
    assert seen["inputs"] == REFERENCE
    assert asked == []
    assert seen["outputs"]["big"]["value"] == "long"


def test_plain_data_is_filled_with_what_the_files_hold() -> None:
    data = {"a": [REFERENCE], "b": {"c": REFERENCE}, "d": 1}
    assert list(references(data)) == [URI, URI]
    assert filled(data, {URI: "x"}.__getitem__) == {"a": ["x"], "b": {"c": "x"}, "d": 1}
