"""Reading a flow: what it becomes, and what is said of a text that is none."""

from textwrap import dedent

import pytest

from tiercel.definition import Reading, errors, legacy_text, read, read_stored, split, without_revision
from tiercel.model.flow import Flow
from tiercel.model.flowable import If, Parallel, Switch


def flow(body: str) -> str:
    return f"id: one\nnamespace: my.team\n{dedent(body)}"


def places(reading: Reading) -> list[tuple[str, int, int]]:
    return [(problem.code, problem.line, problem.column) for problem in reading.problems]


HELLO = flow("""\
    tasks:
      - id: hello
        type: io.kestra.plugin.core.log.Log
        message: Hello
    """)


def test_a_flow_is_read() -> None:
    reading = read(HELLO)
    assert reading.is_valid
    assert isinstance(reading.flow, Flow)
    assert reading.flow.tasks[0].properties == {"message": "Hello"}


def test_json_is_read_as_well() -> None:
    assert read('{"id": "a", "namespace": "b", "tasks": [{"id": "c", "type": "x.Y"}]}').is_valid


def test_a_flow_as_the_server_shows_it_is_read_again() -> None:
    assert read(HELLO + "source: 'id: one'\nrevision: 3\nupdated: 2024-01-01T00:00:00Z\ndeleted: false\n").is_valid


def test_a_document_that_is_indented_as_a_whole_is_read() -> None:
    assert read("  id: a\n  namespace: b\n  tasks:\n    - id: c\n      type: x.Y\n").is_valid


def test_flowables_become_their_classes_whatever_their_name_is_written_like() -> None:
    reading = read(
        flow("""\
        tasks:
          - id: short
            type: core.flow.Parallel
            tasks: [{id: a, type: x.Y}]
          - id: old
            type: io.kestra.core.tasks.flows.Switch
            value: "{{ inputs.x }}"
            cases:
              yes: [{id: b, type: x.Y}]
              1: [{id: c, type: x.Y}]
        """)
    )
    assert reading.flow is not None
    short, old = reading.flow.tasks
    assert isinstance(short, Parallel)
    assert isinstance(old, Switch)
    assert list(old.cases) == ["yes", "1"]


def test_a_property_that_is_null_is_absent() -> None:
    reading = read(HELLO + "triggers: null\nlabels: ~\n")
    assert reading.is_valid


def test_numbers_are_texts_where_a_text_is_wanted() -> None:
    reading = read("id: 123\nnamespace: 42\ndescription: 7\ntasks: [{id: 5, type: x.Y}]")
    assert reading.flow is not None
    assert (reading.flow.id, reading.flow.namespace, reading.flow.description) == ("123", "42", "7")


def test_labels_are_a_list_however_they_are_written() -> None:
    as_map = read(HELLO + "labels: {team: data, number: 1, is_live: true}")
    as_list = read(HELLO + "labels: [{key: team, value: data}, {key: number, value: '1'}, {key: is_live, value: true}]")
    assert as_map.flow is not None
    assert as_list.flow is not None
    assert as_map.flow.labels == as_list.flow.labels
    assert [label.value for label in as_map.flow.labels] == ["data", "1", "true"]


def test_anchors_and_merges_are_resolved_and_what_is_written_wins() -> None:
    reading = read(
        flow("""\
        tasks:
          - &first
            id: a
            type: x.Y
            format: one
            other: 1
          - <<: *first
            id: b
            format: two
        """)
    )
    assert reading.flow is not None
    assert reading.flow.tasks[1].properties == {"format": "two", "other": 1}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", True),
        ("Off", False),
        ("y", "y"),
        ("010", 8),
        ("08", "08"),
        ("0o10", "0o10"),
        ("0x1F", 31),
        ("1_000", 1000),
        ("+1", 1),
        (".5", 0.5),
        ("1.", 1.0),
        ("1:30", "1:30"),
        ("1e3", 1000.0),
        ("2024-01-01", "2024-01-01"),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("123456789012345678901234567890", 123456789012345678901234567890),
    ],
)
def test_scalars_are_read_as_the_original_reads_them(written: str, value: object) -> None:
    document = read(HELLO + f"variables:\n  x: {written}\n").document
    assert document is not None
    assert document.data["variables"]["x"] == value


def test_names_are_always_texts() -> None:
    document = read(HELLO + "variables:\n  on: 1\n  1: 2\n  null: 3\n").document
    assert document is not None
    assert document.data["variables"] == {"on": 1, "1": 2, "null": 3}


def test_a_broken_line_is_told_with_its_place() -> None:
    reading = read("id: one\nnamespace: my.team\ntasks:\n  - id: a\n    message: b: c\n")
    assert places(reading) == [("syntax", 5, 15)]
    assert "second colon" in reading.problems[0].message
    assert "YAML parsing error" in (legacy_text(reading.problems) or "")


def test_a_tab_is_told_with_its_place() -> None:
    reading = read("id: one\ntasks:\n\t- id: a\n")
    assert places(reading) == [("syntax", 3, 1)]
    assert "tab" in reading.problems[0].message


def test_a_quote_that_is_not_closed_is_told_where_it_opens() -> None:
    assert places(read("id: one\ndescription: 'never ends\ntasks: []\n")) == [("unclosed", 2, 14)]


def test_an_expression_without_quotes_is_told_as_such() -> None:
    whole = read(HELLO.replace("Hello", "{{ inputs.name }}"))
    part = read(HELLO.replace("Hello", "{{ inputs.name }} and more"))
    assert places(whole) == [("unquoted-expression", 6, 5)]
    assert [problem.line for problem in part.problems] == [6]
    assert "quotes" in part.problems[0].message


def test_several_documents_are_refused_and_can_be_split() -> None:
    text = f"# first\n{HELLO}---\n{HELLO.replace('one', 'two')}--- # last\n{HELLO}"
    assert [problem.code for problem in read(text).problems] == ["several-documents"]
    assert [read(part).is_valid for part in split(text)] == [True, True, True]


def test_a_duplicate_key_does_not_hide_the_next_problem() -> None:
    reading = read(HELLO.replace("    message: Hello\n", "    message: a\n    message: b\n    timeout: soon\n"))
    assert places(reading) == [("duplicate-key", 7, 5), ("value", 8, 14)]


def test_every_problem_is_told_at_once() -> None:
    reading = read("id: a b\nnamespace: Big\ntasks:\n  - type: x.Y\n  - just a text\nnope: 1\nlistners: []\n")
    assert places(reading) == [
        ("pattern", 1, 5),
        ("pattern", 2, 12),
        ("missing", 4, 5),
        ("wrong-type", 5, 5),
        ("unknown-property", 6, 1),
        ("unknown-property", 7, 1),
    ]
    assert reading.problems[-1].fix == "listeners"


def test_an_unknown_property_of_a_flowable_names_the_one_that_was_meant() -> None:
    reading = read(flow("tasks:\n- {id: p, type: core.flow.Parallel, conurrent: 2, tasks: [{id: a, type: x.Y}]}\n"))
    (problem,) = reading.problems
    assert problem.fix == "concurrent"
    assert (problem.line, problem.column) == (4, 37)
    assert (problem.legacy or "").startswith(
        'Unrecognized field "conurrent" (class io.kestra.plugin.core.flow.Parallel)'
    )


def test_a_choice_names_what_can_be_chosen() -> None:
    reading = read(HELLO + "inputs:\n  - id: a\n    type: STRNG\n")
    (problem,) = reading.problems
    assert problem.fix == "STRING"
    assert problem.legacy == "Invalid type: STRNG"


def test_the_alternatives_of_a_union_are_one_problem() -> None:
    reading = read(HELLO.replace("message: Hello", "timeout: [1]"))
    assert places(reading) == [("wrong-type", 6, 5)]


@pytest.mark.parametrize("duration", ["soon", "P1W", "1 hour", "PT", "9" * 30, "true1"])
def test_a_duration_that_is_none_is_refused(duration: str) -> None:
    assert [problem.code for problem in read(HELLO + f"    timeout: '{duration}'\n").problems] == ["value"]


@pytest.mark.parametrize("duration", ["PT1H30M", "P1D", "30", "0.5", "pt5s", "{{ inputs.wait }}", "PT0S"])
def test_durations_are_iso_or_seconds_or_expressions(duration: str) -> None:
    assert read(HELLO + f"    timeout: '{duration}'\n").is_valid


@pytest.mark.parametrize(
    "written",
    [
        "    timeout: -PT1S\n",
        "    timeout: -1\n",
        "    retry: {type: constant, interval: -PT5S}\n",
        "    taskCache: {enabled: true, ttl: PT-1H}\n",
        "  - {id: wait, type: io.kestra.plugin.core.flow.Sleep, duration: PT-5S}\n",
        "  - {id: wait, type: io.kestra.plugin.core.flow.Pause, pauseDuration: -P1D}\n",
        "sla: [{id: quick, type: MAX_DURATION, duration: -PT1M, behavior: FAIL}]\n",
    ],
)
def test_a_duration_that_is_less_than_nothing_is_refused(written: str) -> None:
    (problem,) = read(HELLO + written).problems
    assert "cannot be negative" in problem.message


def test_a_window_may_begin_before_midnight() -> None:
    trigger = "{id: t, type: io.kestra.plugin.core.trigger.Flow, dependsOn: [{flowId: a}], window: {every: P1D, offset: -PT6H}}"
    assert read(HELLO + f"triggers: [{trigger}]\n").is_valid


@pytest.mark.parametrize("text", ["", "   \n# nothing\n", "---\n"])
def test_nothing_is_no_flow(text: str) -> None:
    assert errors(read(text).problems) != ()


@pytest.mark.parametrize("text", ["just a text", "- a\n- b", "42", "null"])
def test_what_is_no_mapping_is_no_flow(text: str) -> None:
    reading = read(text)
    assert reading.flow is None
    assert [problem.line for problem in reading.problems] == [1]


def test_a_number_that_json_cannot_carry_is_refused() -> None:
    assert places(read(HELLO + "variables:\n  x: .inf\n  y: 1e999\n")) == [("number", 8, 6), ("number", 9, 6)]


def test_a_stored_flow_is_read_without_the_properties_that_nobody_knows_any_more() -> None:
    text = HELLO + "quota: 1\n" + "concurrency: {limit: 1, gone: 2}\n"
    assert read(text).flow is None
    stored = read_stored(text).flow
    assert stored is not None
    assert stored.concurrency is not None
    assert stored.concurrency.limit == 1


def test_a_stored_flow_that_is_wrong_otherwise_stays_refused() -> None:
    assert read_stored(HELLO.replace("id: one", "id: o n e")).flow is None


def test_the_revision_line_of_a_flow_is_not_stored() -> None:
    text = "id: a\nrevision: 3\ntasks:\n  - id: b\n    type: x.Y\n    revision: 2\n"
    assert without_revision(text) == text.replace("revision: 3\n", "")


def test_an_if_without_condition_is_told_at_the_task() -> None:
    reading = read(flow("tasks:\n  - id: check\n    type: core.flow.If\n    then: [{id: a, type: x.Y}]\n"))
    assert legacy_text(reading.problems) == "Validation error: check.condition: must not be null\n"
    assert [(problem.path, problem.line) for problem in reading.problems] == [("tasks[0].condition", 4)]
    assert If.types[0] == "io.kestra.plugin.core.flow.If"
