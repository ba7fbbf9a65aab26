"""Values of inputs: parsed to their type, checked, defaulted, switched by what they depend on; all errors at once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tiercel.definition import Resolution, read_output, resolve
from tiercel.definition.inputs import read_inputs
from tiercel.definition.typed import Refused
from tiercel.expression import HostCall, Surroundings, Unanswered, render_typed
from tiercel.model.flow import Input, InputType, Output


def render(value: Any, inputs: Mapping[str, Any]) -> Any:
    around = Surroundings(at=datetime(2024, 5, 1, 12, tzinfo=UTC), zone=ZoneInfo("UTC"), seed=1)
    return render_typed(value, {"inputs": inputs, "vars": {"table": "t"}}, around)


def encrypt(text: str) -> dict[str, str]:
    return {"type": "io.kestra.datatype:aes_encrypted", "value": text[::-1]}


def resolved(given: Mapping[str, Any], *written: dict[str, Any]) -> Resolution:
    return resolve(read_inputs(written), given, render=render, encrypt=encrypt)


def value_of(kind: str, given: Any, **properties: Any) -> Any:
    resolution = resolved({"x": given}, {"id": "x", "type": kind, **properties})
    assert resolution.errors == ()
    return resolution.values["x"]


def errors_of(kind: str, given: Any, **properties: Any) -> tuple[str, ...]:
    return resolved({"x": given}, {"id": "x", "type": kind, **properties}).errors


@pytest.mark.parametrize(
    ("kind", "given", "value"),
    [
        ("STRING", 42, "42"),
        ("STRING", True, "true"),
        ("INT", "42", 42),
        ("INT", "-7", -7),
        ("INT", "+00000000000012", 12),
        ("FLOAT", "42.42", 42.42),
        ("FLOAT", 3, 3.0),
        ("FLOAT", "3.14159265358979", 3.1415927),
        ("BOOL", "TRUE", True),
        ("BOOL", False, False),
        ("BOOLEAN", "false", False),
        ("DATETIME", "2019-10-06T18:27:49Z", "2019-10-06T18:27:49Z"),
        ("DATETIME", "2019-10-06T18:27:49+02:00", "2019-10-06T16:27:49Z"),
        ("DATETIME", "2019-10-06T18:27:49.123456789Z", "2019-10-06T18:27:49.123456Z"),
        ("DATETIME", "2019-10-06T18:27:49.120Z", "2019-10-06T18:27:49.120Z"),
        ("DATE", "2019-10-06", "2019-10-06"),
        ("TIME", "18:27", "18:27:00"),
        ("TIME", "18:27:49", "18:27:49"),
        ("DURATION", "PT5M6S", "PT5M6S"),
        ("DURATION", "P1D", "PT24H"),
        ("FILE", "kestra:///a/b.txt", "kestra:///a/b.txt"),
        ("FILE", "nsfile:///b.txt", "nsfile:///b.txt"),
        ("JSON", '{"a": [1, null]}', {"a": [1, None]}),
        ("JSON", {"a": 1}, {"a": 1}),
        ("JSON", "{}", {}),
        ("YAML", "a: [1, yes]", {"a": [1, True]}),
        ("YAML", "", None),
        ("URI", "https://www.google.com", "https://www.google.com"),
        ("URI", "http://localhost:8080/a?b=c", "http://localhost:8080/a?b=c"),
        ("EMAIL", "a@b.c", "a@b.c"),
        ("EMAIL", "", ""),
    ],
)
def test_a_value_is_kept_as_its_type_has_it(kind: str, given: Any, value: Any) -> None:
    found = value_of(kind, given)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("INT", "abc"),
        ("INT", "3000000000"),
        ("INT", "5.0"),
        ("INT", True),
        ("INT", "١"),
        ("FLOAT", "abc"),
        ("FLOAT", "1e99"),
        ("FLOAT", "nan"),
        ("FLOAT", "1_0"),
        ("BOOL", "yes"),
        ("BOOL", 1),
        ("DATETIME", "2019-10-06T18:27:49"),
        ("DATETIME", "yesterday"),
        ("DATE", "20191006"),
        ("DATE", "2019-02-30"),
        ("TIME", "25:00"),
        ("DURATION", "30"),
        ("DURATION", "soon"),
        ("FILE", "/etc/passwd"),
        ("JSON", "{"),
        ("YAML", "a: [b"),
        ("YAML", "a: 1\na: 2"),
        ("URI", "justastring"),
        ("EMAIL", "nobody"),
        ("EMAIL", "a@b@c"),
        ("EMAIL", "Ann <ann@example.org>"),
        ("EMAIL", "a@b c"),
        ("JSON", "NaN"),
        ("JSON", "[" * 100_000),
        ("YAML", "[" * 100_000),
        ("MULTISELECT", "{}"),
        ("ARRAY", "3"),
        ("JSON", r'["\ud83d"]'),
        ("JSON", r'{"a": {"\udc00": 1}}'),
        ("YAML", r'a: "\ud83d"'),
        ("ARRAY", r'["\ud83d"]'),
        ("MULTISELECT", r'["\ud83d"]'),
        ("STRING", "\ud83d"),
    ],
)
def test_a_value_that_its_type_does_not_take_is_refused(kind: str, given: Any) -> None:
    (error,) = errors_of(kind, given, **({"itemType": "INT"} if kind == "ARRAY" else {}))
    assert error.startswith("Invalid value for input `x`. Cause: ")
    assert error.encode()


@pytest.mark.parametrize(
    ("kind", "given", "properties", "cause"),
    [
        ("INT", "9", {"min": 10}, "it must be more than `10`"),
        ("INT", "21", {"max": 20}, "it must be less than `20`"),
        ("FLOAT", "0.01", {"min": 0.1}, "it must be more than `0.1`"),
        ("DATE", "2022-01-01", {"after": "2023-01-01"}, "it must be after `2023-01-01`"),
        (
            "DATETIME",
            "2024-01-01T00:00:00Z",
            {"before": "2023-12-31T23:59:59Z"},
            "it must be before `2023-12-31T23:59:59Z`",
        ),
        ("TIME", "00:00:01", {"after": "01:00:00"}, "it must be after `01:00`"),
        ("DURATION", "PT1S", {"min": "PT10S"}, "It must be more than `PT10S`"),
        ("STRING", "foo", {"validator": r"A\d+"}, r"it must match the pattern `A\d+`"),
        ("STRING", "A1 ", {"validator": r"A\d+"}, r"it must match the pattern `A\d+`"),
        ("SECRET", "foo", {"validator": r"A\d+"}, r"x: it must match the pattern `A\d+`"),
        ("SELECT", "C", {"values": ["A", "B"]}, "it must match the values `[A, B]`"),
        ("SELECT", "C", {"values": ["A", "B"], "required": False}, "it must match the values `[A, B]`"),
        ("ARRAY", '["s1"]', {"itemType": "INT"}, "Unable to parse array element as `INT` on `s1`"),
        (
            "FILE",
            "kestra:///a.txt",
            {"accept": [".csv", "json"]},
            "File type not allowed. Accepted extensions: .csv, json",
        ),
    ],
)
def test_what_forbids_a_value_is_said_in_the_words_that_clients_know(
    kind: str, given: Any, properties: dict[str, Any], cause: str
) -> None:
    assert errors_of(kind, given, **properties) == (f"Invalid value for input `x`. Cause: {cause}",)


@pytest.mark.parametrize(
    ("kind", "given", "properties", "meaning"),
    [
        ("INT", "abc", {}, "`abc` is no whole number"),
        ("INT", "3000000000", {}, "3000000000 is too large: an INT lies between -2147483648 and 2147483647"),
        ("INT", "9", {"min": 10}, "9 is less than 10, the least that is allowed"),
        ("DURATION", "PT2H", {"max": "PT1H"}, "PT2H is more than PT1H, the most that is allowed"),
        (
            "DATE",
            "2022-01-01",
            {"after": "2023-01-01"},
            "2022-01-01 is before 2023-01-01, the earliest that is allowed",
        ),
        (
            "STRING",
            "A1 ",
            {"validator": r"A\d+"},
            r"`A1 ` does not match the pattern `A\d+` from its beginning to its end",
        ),
        ("SECRET", "hush", {"validator": r"A\d+"}, r"the secret does not match the pattern `A\d+`"),
        (
            "SELECT",
            "smal",
            {"values": ["small", "large"]},
            "`smal` is none of the values to choose from: small, large; did you mean `small`?",
        ),
        ("ARRAY", '["s1"]', {"itemType": "INT"}, "an entry is not taken: `s1` is no whole number"),
        ("FILE", "kestra:///a.txt", {"accept": [".csv", "json"]}, "`a.txt` does not end in .csv or .json"),
        ("STRING", None, {}, "a value is needed, of type STRING: the input is required and has no default"),
        ("EMAIL", "x" * 200, {}, f"`{'x' * 100}…` is no e-mail address"),
    ],
)
def test_what_forbids_a_value_is_said_in_words_of_our_own_too(
    kind: str, given: Any, properties: dict[str, Any], meaning: str
) -> None:
    (one,) = resolved({"x": given}, {"id": "x", "type": kind, **properties}).inputs
    assert [error.meaning for error in one.errors] == [meaning]


@pytest.mark.parametrize("kind", ["INT", "FLOAT", "BOOL", "DATETIME", "DURATION", "JSON", "ARRAY", "URI", "FILE"])
def test_an_empty_text_for_an_optional_input_is_null_where_it_is_no_value_of_the_type(kind: str) -> None:
    assert value_of(kind, "", required=False) is None
    assert errors_of(kind, "") != ()


@pytest.mark.parametrize("kind", ["STRING", "EMAIL"])
def test_an_empty_text_stays_one_where_the_type_takes_it(kind: str) -> None:
    assert value_of(kind, "", required=False) == ""


def test_the_bounds_themselves_are_allowed() -> None:
    assert value_of("INT", 10, min=10, max=10) == 10
    assert value_of("DATE", "2023-01-01", after="2023-01-01") == "2023-01-01"


def test_each_wrong_entry_of_a_multiselect_is_told() -> None:
    assert errors_of("MULTISELECT", '["A", "F", "H"]', values=["A", "B"]) == (
        "Invalid value for input `x`. Cause: value `F` doesn't match the values `[A, B]`",
        "Invalid value for input `x`. Cause: value `H` doesn't match the values `[A, B]`",
    )


def test_a_select_gives_the_value_of_a_labelled_entry() -> None:
    values = [{"label": "First", "value": "a"}, 2]
    assert value_of("SELECT", "a", values=values) == "a"
    assert value_of("SELECT", 2, values=values) == "2"
    assert value_of("SELECT", "own", values=values, allowCustomValue=True) == "own"


def test_the_values_of_a_select_may_be_rendered() -> None:
    assert value_of("SELECT", "b", expression="{{ ['a', 'b'] }}") == "b"
    assert errors_of("SELECT", "c", expression="{{ ['a', 'b'] }}") == (
        "Invalid value for input `x`. Cause: it must match the values `[a, b]`",
    )
    (error,) = errors_of("SELECT", "c", expression="{{ {'a': 1} }}")
    assert "Expected a list of values" in error
    assert value_of("SELECT", "b", expression="{{ [null, {'label': 'B', 'value': 'b'}] }}") == "b"
    (error,) = errors_of("SELECT", "c", expression="{{ [{'label': 'C'}] }}")
    assert error.endswith("Select option object must define a `value` field")
    (error,) = errors_of("SELECT", "c", expression="{{ nothing.there }}")
    assert error.startswith("Invalid value for input `x`. Cause: Cannot render 'expression'. Cause: ")


def test_entries_of_a_multiselect_have_its_item_type() -> None:
    assert value_of("MULTISELECT", '["1", 2]', values=[1, 2], itemType="INT") == [1, 2]
    assert value_of("MULTISELECT", [1, 2], values=["1", "2"]) == ["1", "2"]
    assert value_of("MULTISELECT", ["x"], values=["1"], allowCustomValue=True) == ["x"]


@pytest.mark.parametrize("written", ["{{ 'true' }}", "{{ 1 }}", "yes", "{{ inputs.a }}"])
def test_only_true_itself_switches_an_input_on(written: str) -> None:
    condition = {"inputs": ["a"], "condition": written}
    off = resolved(
        {"a": "true", "b": "x"}, {"id": "a", "type": "STRING"}, {"id": "b", "type": "STRING", "dependsOn": condition}
    )
    assert off.values == {"a": "true"}


def test_the_first_value_can_be_selected_by_itself() -> None:
    choice = {"type": "SELECT", "values": ["a", "b"], "autoSelectFirst": True}
    resolution = resolved({}, {"id": "x", **choice}, {"id": "y", **choice, "type": "MULTISELECT"})
    assert resolution.values == {"x": "a", "y": ["a"]}


def test_what_is_missing_is_told_all_at_once() -> None:
    resolution = resolved(
        {}, {"id": "a", "type": "STRING"}, {"id": "b", "type": "INT"}, {"id": "c", "type": "INT", "defaults": "x"}
    )
    assert resolution.errors == (
        "Missing required input:a",
        "Missing required input:b",
        'Invalid value for input `c`. Cause: For input string: "x"',
    )


def test_an_optional_input_without_a_value_is_there_as_null() -> None:
    assert resolved(
        {"b": None}, {"id": "a", "type": "INT", "required": False}, {"id": "b", "type": "INT", "required": False}
    ).values == {"a": None, "b": None}


def test_a_default_may_be_an_expression_and_is_marked_as_default() -> None:
    resolution = resolved(
        {},
        {"id": "a", "type": "DATETIME", "defaults": "{{ now() }}"},
        {"id": "b", "type": "JSON", "defaults": {"t": "{{ vars.table }}"}},
    )
    assert resolution.values == {"a": "2024-05-01T12:00:00Z", "b": {"t": "t"}}
    assert [one.is_default for one in resolution.inputs] == [True, True]


def test_a_default_that_cannot_be_rendered_is_an_error_of_the_input() -> None:
    resolution = resolved({}, {"id": "a", "type": "STRING", "defaults": "{{ inputs.gone }}"})
    (error,) = resolution.inputs[0].errors
    assert error.render_error
    assert error.message.startswith("Invalid value for input `a`. Cause: `inputs.gone` is not defined")


def test_an_input_sees_only_what_it_depends_on() -> None:
    resolution = resolved(
        {"first": "1", "second": "2"},
        {
            "id": "last",
            "type": "STRING",
            "defaults": "{{ inputs.first }}-{{ inputs.second ?? 'unseen' }}",
            "dependsOn": {"inputs": ["first"]},
        },
        {"id": "first", "type": "STRING"},
        {"id": "second", "type": "STRING"},
    )
    assert resolution.values["last"] == "1-unseen"


@pytest.mark.parametrize(("given", "values"), [(True, {"go": True, "name": "x", "more": "y"}), (False, {"go": False})])
def test_an_input_that_is_switched_off_is_not_there_nor_is_what_depends_on_it(
    given: bool, values: dict[str, Any]
) -> None:
    resolution = resolved(
        {"go": given, "name": "x"},
        {"id": "go", "type": "BOOL"},
        {"id": "name", "type": "STRING", "dependsOn": {"inputs": ["go"], "condition": "{{ inputs.go }}"}},
        {"id": "more", "type": "STRING", "defaults": "y", "dependsOn": {"inputs": ["name"]}},
    )
    assert resolution.errors == ()
    assert resolution.values == values


def test_a_condition_that_cannot_be_rendered_switches_off_and_is_an_error() -> None:
    resolution = resolved({"a": "x"}, {"id": "a", "type": "STRING", "dependsOn": {"condition": "{{ inputs.gone }}"}})
    assert not resolution.inputs[0].enabled
    assert resolution.errors[0].startswith("Invalid condition: ")


def test_inputs_that_depend_on_each_other_still_end() -> None:
    resolution = resolved(
        {"a": "1", "b": "2"},
        {"id": "a", "type": "STRING", "dependsOn": {"inputs": ["b"]}},
        {"id": "b", "type": "STRING", "dependsOn": {"inputs": ["a"]}},
    )
    assert resolution.values == {"a": "1", "b": "2"}


def test_dotted_ids_are_nested_and_may_be_given_so() -> None:
    written = ({"id": "a.b", "type": "INT"}, {"id": "a.c.d", "type": "INT"})
    assert resolved({"a.b": "1", "a.c.d": "2"}, *written).values == {"a": {"b": 1, "c": {"d": 2}}}
    assert resolved({"a": {"b": 1, "c": {"d": 2}}}, *written).values == {"a": {"b": 1, "c": {"d": 2}}}
    assert resolved({"a": '{"b": 1, "c": {"d": 2}}'}, *written).values == {"a": {"b": 1, "c": {"d": 2}}}
    assert resolved({"a": "{", "a.b": 1}, *written).errors == ("Missing required input:a.c.d",)


def test_a_form_groups_its_inputs_and_its_condition_is_theirs() -> None:
    form = {
        "id": "form",
        "type": "FORM",
        "dependsOn": {"inputs": ["go"], "condition": "{{ inputs.go }}"},
        "inputs": [
            {"id": "name", "type": "STRING"},
            {"id": "size", "type": "INT", "defaults": 1, "dependsOn": {"inputs": ["form.name"]}},
        ],
    }
    go = {"id": "go", "type": "BOOL"}
    assert resolved({"go": True, "form.name": "x"}, go, form).values == {"go": True, "form": {"name": "x", "size": 1}}
    assert resolved({"go": False, "form.name": "x"}, go, form).values == {"go": False}
    assert resolved({"go": True}, go, form).errors == ("Missing required input:form.name",)


def test_a_secret_is_kept_encrypted_and_seen_in_clear_by_what_depends_on_it() -> None:
    resolution = resolved(
        {"key": "hush"},
        {"id": "key", "type": "SECRET"},
        {"id": "copy", "type": "STRING", "defaults": "{{ inputs.key }}!", "dependsOn": {"inputs": ["key"]}},
    )
    assert resolution.values == {"key": encrypt("hush"), "copy": "hush!"}
    assert resolution.clear == {"key": "hush", "copy": "hush!"}


def test_a_secret_without_encryption_is_refused() -> None:
    resolution = resolve(read_inputs([{"id": "key", "type": "SECRET"}]), {"key": "hush"}, render=render)
    assert "encryption is not configured" in resolution.errors[0]
    assert "hush" not in resolution.errors[0]


def test_names_that_are_not_declared_are_told_and_do_no_harm() -> None:
    resolution = resolved(
        {"a": 1, "zzz": 2, "form": {}}, {"id": "a", "type": "INT"}, {"id": "form.x", "type": "INT", "required": False}
    )
    assert resolution.unknown == ("zzz",)
    assert resolution.values == {"a": 1, "form": {"x": None}}


def test_reusable_inputs_are_refused_with_a_reason() -> None:
    assert "reusable" in resolved({}, {"id": "set", "type": "REUSABLE_INPUTS", "ref": "x"}).errors[0]


def test_a_pattern_that_never_ends_is_stopped() -> None:
    (error,) = errors_of("STRING", "a" * 60 + "!", validator=r"(a|a)*(a|aa)*(a|a|aa)*b")
    assert "takes too long" in error or "must match" in error


def test_a_question_to_the_world_goes_to_whoever_can_answer() -> None:
    def ask(value: Any, inputs: Mapping[str, Any]) -> Any:
        raise Unanswered(HostCall("secret", {"key": "x"}))

    with pytest.raises(Unanswered):
        resolve((Input.model_validate({"id": "a", "type": "STRING", "defaults": "{{ secret('x') }}"}),), {}, render=ask)


def test_an_output_is_typed_like_an_input() -> None:
    number = Output.model_validate({"id": "n", "type": "INT", "value": "{{ 3 }}"})
    assert read_output(number, "3") == 3
    with pytest.raises(Refused, match="Invalid value for output `n`"):
        read_output(number, "three")
    with pytest.raises(Refused, match="Missing required output:n"):
        read_output(number, None)


def test_an_optional_output_may_be_null_and_a_secret_one_is_encrypted() -> None:
    optional = Output.model_validate({"id": "n", "type": "INT", "value": "x", "required": False})
    secret = Output.model_validate({"id": "s", "type": "SECRET", "value": "x"})
    assert read_output(optional, None) is None
    assert read_output(secret, "hush", encrypt=encrypt) == encrypt("hush")


def test_the_entries_of_an_output_that_is_a_list_stay_what_they_are() -> None:
    listed = Output.model_validate({"id": "l", "type": "ARRAY", "value": "{{ x }}"})
    assert read_output(listed, '[1, "2", {"a": null}]') == [1, "2", {"a": None}]
    assert read_output(listed.model_copy(update={"item_type": InputType.INT}), ["1"]) == [1]
