"""Half a text is read as far as it goes, and never stops anything."""

from hypothesis import given
from hypothesis import strategies as st
from tests.definition.editing.stage import shapes, types
from tests.definition.editing.test_places import FLOW

from tiercel.definition.editing import Sketch, complete, definition_of, hover, outline

BITS = [
    "{",
    "}",
    "[",
    "]",
    '"',
    "'",
    ":",
    "- ",
    "\n",
    "  ",
    "{{ ",
    " }}",
    "|",
    "#",
    "\t",
    "---\n",
    "type: ",
    "outputs.",
    "é",
]


@st.composite
def broken(draw: st.DrawFn) -> str:
    """A beginning of a flow with something wrong in it."""
    text = FLOW[: draw(st.integers(0, len(FLOW)))]
    for bit in draw(st.lists(st.sampled_from(BITS), max_size=4)):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + bit + text[place:]
    return text


@given(broken(), st.data())
def test_every_position_of_every_beginning_has_an_answer(text: str, data: st.DataObject) -> None:
    sketch = Sketch(text)
    line = data.draw(st.integers(0, len(sketch.lines)))
    column = data.draw(st.integers(0, 120))
    complete(sketch, line, column, types=types(), shapes=shapes())
    hover(sketch, line, column, types=types(), shapes=shapes())
    definition_of(sketch, line, column, types=types())
    outline(sketch)


@given(st.text(max_size=60), st.integers(0, 5), st.integers(0, 30))
def test_any_text_at_all_has_an_answer(text: str, line: int, column: int) -> None:
    complete(Sketch(text), line, column, types=types(), shapes=shapes())
    hover(Sketch(text), line, column, types=types(), shapes=shapes())


def test_the_tree_is_that_of_the_yaml() -> None:
    tasks = Sketch(FLOW).root.child("tasks")
    assert tasks is not None
    assert [each.said("id") for each in tasks.children] == ["ask", "tell", "dag"]
    assert tasks.children[1].said("level") == "INFO"


def test_a_text_of_several_lines_belongs_to_its_name() -> None:
    sketch = Sketch("a: |\n  x: 1\n\n  y\nb: 'open\n  z: 2'\nc: plain\n  more\nd: 1\n")
    assert [each.name for each in sketch.root.children] == ["a", "b", "c", "d"]


def test_an_open_quote_ends_where_the_next_name_begins() -> None:
    assert [each.name for each in Sketch('a: "{{ x\nb: 1\n').root.children] == ["a", "b"]


def test_brackets_are_read_over_lines_and_end_where_they_were_forgotten() -> None:
    sketch = Sketch("a: {b: 1,\n  c: [2, 3]}\nd: [x\ne: 1\n")
    first = sketch.root.child("a")
    assert first is not None
    assert [each.name for each in first.children] == ["b", "c"]
    assert [each.name for each in sketch.root.children] == ["a", "d", "e"]


def test_a_text_that_is_nested_without_end_has_an_answer() -> None:
    deep = "\n".join(" " * depth + "a:" for depth in range(2000))
    for text in (deep, f"tasks:\n  - {'[' * 5000}", f"a: {'{b: ' * 5000}"):
        sketch = Sketch(text)
        complete(sketch, len(sketch.lines) - 1, len(sketch.lines[-1]), types=types(), shapes=shapes())
        outline(sketch)
