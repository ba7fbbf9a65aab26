"""Mending: what is certain is written as it should be, nothing else changes, and no flow gets worse."""

from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from tests.definition.catalog import LOG, SmallCatalog

from tiercel import definition
from tiercel.definition import Problem
from tiercel.definition.edits import Edit, edited, offset_of
from tiercel.definition.fixing import Fixed, fix

FLOW = f"""\
id: mend            # the flow
namespace: fix.test

tasks:
  # says hello
  - id: log
    type: {LOG}
    message: "hello"   # quoted on purpose
"""


def checked(text: str) -> Sequence[Problem]:
    return definition.check(definition.read(text), SmallCatalog())


def mended(text: str) -> Fixed:
    return fix(text, checked)


def test_a_text_that_yaml_takes_for_a_truth_value_is_put_in_quotes() -> None:
    fixed = mended(FLOW.replace("id: log", "id: yes  # sure"))
    assert fixed.text == FLOW.replace("id: log", 'id: "yes"  # sure')
    [problem] = fixed.done
    assert problem.message == "`id` must be a text, and `yes` is a truth value in YAML: put it in quotes"


def test_a_misspelt_property_is_written_as_it_should_be() -> None:
    fixed = mended(FLOW.replace("    message:", "    mesage:"))
    assert fixed.text == FLOW
    assert [problem.fix for problem in fixed.done] == ["message"]
    assert fixed.left == ()


def test_quotes_around_what_is_mended_stay() -> None:
    fixed = mended(FLOW.replace(LOG, f'"{LOG.replace("plugin.core", "core.tasks")}"'))
    assert fixed.text == FLOW.replace(LOG, f'"{LOG}"')


def test_all_that_is_certain_is_mended_at_once() -> None:
    text = FLOW.replace("message:", "mesage:").replace(
        "id: log", "id: log\n    retry: {type: constant, interval: PT1S, maxAttempt: 2}"
    )
    fixed = mended("inputs: [{name: a, type: BOOLEAN}]\n" + text)
    assert "[{id: a, type: BOOL}]" in fixed.text
    assert "maxAttempts: 2" in fixed.text
    assert fixed.left == ()


def test_what_would_bring_in_an_error_is_left() -> None:
    text = FLOW + "    mesage: twice\n"
    fixed = mended(text)
    assert (fixed.text, fixed.done) == (text, ())
    assert [problem.fix for problem in fixed.left] == ["message"]


def test_a_text_that_is_no_yaml_stays_as_it_is() -> None:
    assert mended("id: [").text == "id: ["


def test_lines_may_end_in_any_way() -> None:
    text = FLOW.replace("message:", "mesage:")
    assert mended(text.replace("\n", "\r\n")).text == FLOW.replace("\n", "\r\n")


def test_edits_leave_the_rest() -> None:
    assert edited("abcdef", [Edit(4, 5, "X"), Edit(0, 1, "")]) == "bcdXf"
    assert [offset_of("a\nbc\r\nd", line, 1) for line in (1, 2, 3)] == [0, 2, 6]


NAMES = ("id", "type", "message", "namespace", "tasks", LOG)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 30), st.sampled_from("aeiot")), max_size=4))
def test_a_flow_never_gets_worse(slips: list[tuple[str, int, str]]) -> None:
    text = FLOW
    for name, place, letter in slips:
        at = place % len(name)
        text = text.replace(name, name[:at] + letter + name[at + 1 :], 1)
    assert_better(text)


def test_no_flow_of_others_gets_worse(shared: Path) -> None:
    files = sorted((shared / "conformance" / "flows" / "core").rglob("*.yaml"))
    assert len(files) > 200
    for file in files:
        assert_better(file.read_text(encoding="utf-8"))


def assert_better(text: str) -> None:
    before, fixed = checked(text), mended(text)
    assert len(definition.errors(fixed.left)) <= len(definition.errors(before))
    assert len(fixed.left) <= len(before) - len(fixed.done)
    assert {problem.line for problem in definition.errors(fixed.left)} <= {
        problem.line for problem in definition.errors(before)
    }
    changed = {problem.line for problem in fixed.done}
    lines = zip(text.splitlines(), fixed.text.splitlines(), strict=True)
    assert {number for number, (old, new) in enumerate(lines, start=1) if old != new} <= changed
