"""Files of several flows: what divides them, what says nothing, and in which lines their problems stand."""

import pytest

from tiercel.definition import Portion, each_flow, portions, read, split

FLOW = "id: one\nnamespace: my.team\ntasks:\n  - {id: a, type: core.log.Log, message: hi}\n"


def test_each_flow_knows_how_many_lines_stand_above_it() -> None:
    text = f"# first\n{FLOW}---\n{FLOW}--- # last\n{FLOW}"
    assert [portion.lines_before for portion in portions(text)] == [0, 6, 10]
    assert [read(part).is_valid for part in split(text)] == [True, True, True]


@pytest.mark.parametrize("head", ["", "\n", "# a licence\n", "# a licence\n\n  # and more\r\n"])
@pytest.mark.parametrize("tail", ["", "---\n", "---\n# the end\n"])
def test_comments_beside_a_divider_are_no_flow(head: str, tail: str) -> None:
    [portion] = portions(f"{head}---\n{FLOW}{tail}")
    assert portion == Portion(FLOW, head.count("\n") + 1)


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n"])
def test_where_nothing_is_said_there_is_no_flow(text: str) -> None:
    assert (portions(text), split(text)) == ((), ())


def test_problems_stand_in_the_lines_of_the_whole() -> None:
    text = f"{FLOW}---\n{FLOW}nope: 1\n"
    second = portions(text)[1]
    [problem] = second.placed(read(second.text).problems)
    assert (problem.line, problem.end_line, text.splitlines()[problem.line - 1]) == (10, 10, "nope: 1")


def test_what_says_nothing_is_not_changed() -> None:
    text = f"# head\n---\n{FLOW}---\n# tail\n"
    assert each_flow(text, lambda portion: portion.text.upper()) == f"# head\n---\n{FLOW.upper()}---\n# tail\n"
