"""Laying out: one order, one indentation, quotes where needed; comments stay, the meaning stays, twice is as good as once."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiercel import definition
from tiercel.definition.formatting import NotFormatted, format_flow
from tiercel.definition.read import parse

LOG = "io.kestra.plugin.core.log.Log"
SEQUENTIAL = "io.kestra.plugin.core.flow.Sequential"


def formatted(text: str) -> str:
    once = format_flow(text)
    assert format_flow(once) == once
    return once


def body(text: str) -> str:
    """What a text becomes below a name that is the author's own."""
    laid = formatted(f"variables:\n{text}")
    return laid.removeprefix("variables:\n")


def test_properties_of_a_flow_come_in_one_order() -> None:
    text = "tasks: []\nlabels: {}\nnamespace: a\ntriggers: []\nid: b\ninputs: []\ndescription: c\n"
    names = [line.partition(":")[0] for line in formatted(text).splitlines()]
    assert names == ["id", "namespace", "description", "labels", "inputs", "tasks", "triggers"]


def test_properties_of_a_task_begin_with_id_and_type_and_end_with_its_tasks() -> None:
    text = f"""\
tasks:
  - errors:
      - message: x
        type: {LOG}
        id: broken
    tasks: []
    description: what it does
    type: {SEQUENTIAL}
    id: seq
"""
    lines = [line.strip().partition(":")[0] for line in formatted(text).splitlines()]
    assert lines == ["tasks", "- id", "type", "description", "tasks", "errors", "- id", "type", "message"]


def test_what_the_author_made_up_keeps_its_order() -> None:
    text = f"tasks:\n  - id: a\n    type: {LOG}\n    headers:\n      type: x\n      id: y\nvariables:\n  type: 1\n  id: 2\n"
    laid = formatted(text)
    assert "type: x\n      id: y" in laid
    assert "type: 1\n  id: 2" in laid


def test_lists_stand_one_level_in() -> None:
    assert body("  a:\n  - 1\n  -   b: 2\n      c: 3\n") == "  a:\n    - 1\n    - b: 2\n      c: 3\n"


def test_comments_stay_with_what_they_belong_to() -> None:
    text = f"""\
# the file

# of the namespace
namespace: a # in the line
id: b
tasks:
  # of the task
  - message: x   # of the message
    id: log
    type: {LOG}
    # behind the task
  # behind the tasks
# at the end
"""
    assert (
        formatted(text)
        == f"""\
# the file

id: b
# of the namespace
namespace: a  # in the line
tasks:
  # of the task
  - id: log
    type: {LOG}
    message: x  # of the message
    # behind the task
  # behind the tasks
# at the end
"""
    )


def test_comments_behind_a_dash_go_above_it() -> None:
    assert body("  a:\n    - # why\n\n      b: 1\n      c: 2\n") == "  a:\n    # why\n    - b: 1\n      c: 2\n"
    task = f"tasks:\n  - message: x\n    type: {LOG}\n    # the name\n\n    id: a\n"
    assert formatted(task) == f"tasks:\n  # the name\n  - id: a\n    type: {LOG}\n    message: x\n"


def test_several_empty_lines_become_one() -> None:
    assert body("\n\n  a: 1\n\n\n  b: 2\n\n") == "  a: 1\n\n  b: 2\n"


@pytest.mark.parametrize(
    ("written", "laid"),
    [
        ('"plain"', "plain"),
        ("'say {{ x }}'", "say {{ x }}"),
        ('"{{ x }}"', '"{{ x }}"'),
        ("'{{ x }}'", '"{{ x }}"'),
        ("""'{{ "x" }}'""", """'{{ "x" }}'"""),
        ('"yes"', '"yes"'),
        ('"on"', '"on"'),
        ('"12"', '"12"'),
        ('"2024-01-01"', '"2024-01-01"'),
        ('"12:30"', '"12:30"'),
        ('"null"', '"null"'),
        ('""', '""'),
        ('" spaced "', '" spaced "'),
        ('"a: b"', '"a: b"'),
        ('"a #b"', '"a #b"'),
        ('"- a"', '"- a"'),
        ('"tab\\there"', '"tab\\there"'),
        ("yes", "yes"),
        ("010", "010"),
        ("1e3", "1e3"),
        ("!!str 5", "!!str 5"),
        ("[ 1,'b' , {c: d}]", "[1, b, {c: d}]"),
        ("{ }", "{}"),
    ],
)
def test_quotes_stand_where_they_are_needed(written: str, laid: str) -> None:
    assert body(f"  a: {written}\n") == f"  a: {laid}\n"


def test_texts_of_several_lines_are_blocks() -> None:
    assert (
        body('  a: "one\\ntwo"\n  b: "one\\n\\n  two\\n"\n')
        == "  a: |-\n    one\n    two\n  b: |\n    one\n\n      two\n"
    )


def test_a_text_with_invisible_ends_stays_in_quotes() -> None:
    assert body('  a: "one \\ntwo"\n') == '  a: "one \\ntwo"\n'


def test_blocks_move_as_a_whole() -> None:
    text = "  a: |2+\n       deep\n     flat\n\n  b: >-  # why\n     folded\n     text\n"
    assert body(text) == "  a: |2+\n       deep\n     flat\n\n  b: >-  # why\n    folded\n    text\n"


def test_long_texts_that_were_folded_are_folded_in_a_block() -> None:
    words = " ".join(["word"] * 60)
    laid = body(f"  a: {words[:150]}\n    {words[150:]}\n")
    assert laid.startswith("  a: >-\n    word")
    assert max(map(len, laid.splitlines())) <= 120


def test_collections_over_several_lines_are_blocks_unless_comments_stand_in_them() -> None:
    assert body("  a: [1,\n    2]\n") == "  a:\n    - 1\n    - 2\n"
    assert body("  a: [1, # one\n    2]\n") == "  a: [1, # one\n    2]\n"


def test_anchors_keep_the_order_they_need() -> None:
    text = "variables: &all\n  a: &one 1\n  b: *one\nid: x\nlabels:\n  <<: *all\n"
    assert formatted(text) == text


def test_line_ends_stay_what_they_are() -> None:
    assert format_flow("id: a\r\nnamespace:   b\r\n") == "id: a\r\nnamespace: b\r\n"


@pytest.mark.parametrize("text", ["", "id: [", "- a\n- b\n", "a: {{ b }}\n", "a: 1\na: 2\n", "{id: a}"])
def test_what_cannot_be_laid_out_is_refused(text: str) -> None:
    with pytest.raises(NotFormatted) as refused:
        format_flow(text)
    assert refused.value.problems


@pytest.mark.slow
def test_flows_of_others_mean_the_same_and_keep_their_comments(shared: Path) -> None:
    files = sorted((shared / "conformance" / "flows").rglob("*.y*ml"))
    assert len(files) > 600
    left = [file.name for file in files for text in definition.split(file.read_text("utf-8")) if not is_same(text)]
    assert left == []


def is_same(text: str) -> bool:
    """Is a text laid out without a change of meaning? What is no YAML cannot be."""
    document, problems = parse(text)
    try:
        laid = formatted(text)
    except NotFormatted:
        return bool(problems)
    again, _ = parse(laid)
    return again is not None and document is not None and dump(again.data) == dump(document.data)


def dump(value: object) -> str:
    return json.dumps(value, sort_keys=True)


TEXTS = st.text(st.sampled_from("ab \n:#-'\"{}[],&*!|>%@`\\\t0.\u00e9\u2028"), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), st.sampled_from([None, 1, 2]))
def test_any_values_come_through(data: dict[str, object], indent: int | None) -> None:
    text = "variables:\n  " + json.dumps(data, ensure_ascii=False, indent=indent).replace("\n", "\n  ") + "\n"
    assert is_same(text)


@given(
    st.lists(
        st.sampled_from(["a: 1", "- b", "  c: 2", "# d", "", "    e: |", "      f", "  - g: 3 # h", "i:", "  j: 'k"]),
        max_size=9,
    )
)
def test_any_lines_are_laid_out_or_refused(lines: list[str]) -> None:
    assert is_same("\n".join(lines) + "\n")
