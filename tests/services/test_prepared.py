"""Raw properties become typed ones: rendered by what their class wants, validated, explained where they are wrong."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.services.tasks import Everything, Part

from tiercel.adapters.memory.clock import START
from tiercel.expression import AnsweredHost, Surroundings, Unanswered
from tiercel.sdk import TaskFailed
from tiercel.services.prepared import Prepared, holds_expression

CONTEXT = {"inputs": {"n": 42, "yes": True, "list": [1, "a"], "map": {"k": 1}, "name": "Ann", "none": None}}


def built(**properties: Any) -> Everything:
    surroundings = Surroundings(at=START, zone=ZoneInfo("UTC"), seed=1, host=AnsweredHost({}))
    return Prepared(Everything, properties).build(CONTEXT, surroundings)


def test_a_text_property_gets_a_text_whatever_the_expression_gives() -> None:
    assert built(text="{{ inputs.n }}").text == "42"
    assert built(text="{{ inputs.list }}").text == '[1,"a"]'
    assert built(text="{{ inputs.none }}").text == ""


def test_a_text_property_takes_numbers_and_booleans_as_written() -> None:
    assert built(text=5).text == "5"
    assert built(text=True).text == "true"
    assert built(text=1.0).text == "1.0"


def test_other_properties_keep_the_type_that_the_expression_gives() -> None:
    assert built(number="{{ inputs.n }}").number == 42
    assert built(switch="{{ inputs.yes }}").switch is True
    assert built(anything="{{ inputs.map }}").anything == {"k": 1}
    assert built(anything=["{{ inputs.n }}", {"x": "{{ inputs.yes }}"}]).anything == [42, {"x": True}]


def test_texts_at_any_depth_where_the_property_says_so() -> None:
    assert built(texts="{{ inputs.n }}").texts == "42"
    assert built(texts={"a": ["{{ inputs.n }}", {"x": "{{ inputs.yes }}"}], "b": 7}).texts == {
        "a": ["42", {"x": "true"}],
        "b": 7,
    }


def test_an_expression_within_other_text_is_a_text() -> None:
    assert built(anything="n={{ inputs.n }}").anything == "n=42"


def test_keys_of_mappings_are_rendered_too() -> None:
    assert built(headers={"X-{{ inputs.name }}": "{{ inputs.n }}"}).headers == {"X-Ann": "42"}


def test_lists_and_mappings_may_be_given_as_json_text() -> None:
    assert built(names='["a", "b"]').names == ["a", "b"]
    assert built(headers='{"a": "{{ inputs.n }}"}').headers == {"a": "42"}
    assert built(names="{{ ['x', 'y'] }}").names == ["x", "y"]
    assert built(parts='[{"name": "p", "size": 2}]').parts[0].size == 2


def test_objects_within_are_rendered_by_their_own_properties() -> None:
    task = built(part={"name": "{{ inputs.n }}", "size": "{{ inputs.n }}"})
    assert task.part is not None
    assert (task.part.name, task.part.size) == ("42", 42)


def test_a_raw_property_is_handed_over_as_written() -> None:
    assert built(raw="{{ inputs.n }}").raw == "{{ inputs.n }}"


def test_a_duration_is_read_from_text_and_number() -> None:
    assert built(wait="PT1M").wait == timedelta(minutes=1)
    assert built(wait="PT{{ inputs.n }}S").wait == timedelta(seconds=42)
    assert built(wait="{{ inputs.n }}").wait == timedelta(seconds=42)


def test_null_is_the_same_as_absent() -> None:
    assert built(switch=None, names=None) == built()
    assert built(part={"name": "a", "size": None}) == built(part={"name": "a"})
    assert built(part={"name": "{{ inputs.n }}", "size": None}).part == Part(name="42")
    assert built(anything={"a": None}).anything == {"a": None}


def test_without_expressions_one_instance_serves_all_runs() -> None:
    prepared = Prepared(Everything, {"text": "a", "names": ["b"]})
    surroundings = Surroundings(at=START, zone=ZoneInfo("UTC"), seed=1)
    assert prepared.build({}, surroundings) is prepared.build(CONTEXT, surroundings)


def test_a_question_to_the_world_comes_out() -> None:
    with pytest.raises(Unanswered):
        built(text="{{ secret('KEY') }}")


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"number": "many"}, 'property `number` must be a whole number; "many" was given'),
        ({"number": "{{ inputs.name }}"}, 'property `number` must be a whole number; "Ann" was given'),
        ({"names": 5}, "property `names` must be a list; 5 was given"),
        ({"part": {}}, "property `part.name` is missing"),
        (
            {"parts": [{"name": "a"}, {"name": "b", "sise": 1}]},
            "property `parts[1].sise` is unknown; did you mean `size`?",
        ),
        ({"wait": "soon"}, "property `wait` is wrong: 'soon' is not a duration"),
    ],
)
def test_a_wrong_property_is_explained(properties: dict[str, Any], message: str) -> None:
    with pytest.raises(TaskFailed) as caught:
        built(**properties)
    assert str(caught.value).startswith(message)


def test_all_wrong_properties_are_named_at_once() -> None:
    with pytest.raises(TaskFailed) as caught:
        built(number="x", switch="perhaps")
    assert "`number`" in str(caught.value)
    assert "`switch`" in str(caught.value)


def test_a_secret_is_not_shown_in_a_complaint() -> None:
    with pytest.raises(TaskFailed) as caught:
        built(secret=["hidden-text"])
    assert "hidden-text" not in str(caught.value)


def test_secrets_are_told_to_the_one_who_masks() -> None:
    prepared = Prepared(Everything, {"secret": "hidden"})
    task = prepared.build({}, Surroundings(at=START, zone=ZoneInfo("UTC"), seed=1))
    assert prepared.secrets(task) == ["hidden"]


def test_expressions_are_found_at_any_depth() -> None:
    assert holds_expression({"a": [{"b": "{{ x }}"}]})
    assert holds_expression({"{{ x }}": 1})
    assert holds_expression("{% if x %}a{% endif %}")
    assert not holds_expression({"a": ["{", "}}", 5, None]})
