"""What is told of a position, and where the thing is defined that stands there."""

import pytest
from tests.definition.editing.stage import marked, shapes, types

from tiercel.definition.editing import definition_of, hover

FLOW = """\
id: hello
namespace: company.team
inputs:
  - id: who
    type: STRING
    description: Whom to greet
variables:
  greeting: Hello
tasks:
  - id: ask
    type: io.kestra.plugin.core.http.Request
    uri: https://example.org
  - id: tell
    type: io.kestra.plugin.core.log.Log
    level: INFO
    message: "{{ outputs.ask.body | upper }} {{ vars.greeting }} {{ inputs.who }} {{ now() }} {{ x is empty }}"
  - id: dag
    type: core.flow.Dag
    tasks:
      - task:
          id: one
          type: core.log.Log
      - task:
          id: two
          type: core.log.Log
        dependsOn: [one]
"""


def at(word: str) -> str:
    """The flow with the position behind a word."""
    return FLOW.replace(word, f"{word}¦", 1)


def told(word: str) -> str:
    found = hover(*marked(at(word)), types=types(), shapes=shapes())
    return "" if found is None else found.text


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("type: io.kestra.plugin.core.http", "**io.kestra.plugin.core.http.Request**"),
        ("type: core.flow", "**io.kestra.plugin.core.flow.Dag**"),
        ("    mess", "**message**"),
        ("    lev", "Default: `INFO`"),
        ("    ur", "required"),
        ("names", "**namespace**"),
        ("type: STR", "Any text."),
        ("| upp", "upper"),
        ("{{ no", "now("),
        ("is emp", "empty"),
        ("outputs.as", "What the task `ask` gave"),
        ("outputs.ask.bo", "**outputs.ask.body**"),
        ("inputs.wh", "Whom to greet"),
        ("{{ var", "The variables of the flow"),
    ],
)
def test_hover_tells_what_stands_there(word: str, text: str) -> None:
    assert text in told(word)


def test_hover_says_where_a_type_is_not_installed() -> None:
    text = "tasks:\n  - id: a\n    type: io.kestra.plugin.aws.s3.¦Upload\n"
    found = hover(*marked(text), types=types(), shapes=shapes())
    assert found is not None
    assert "not installed" in found.text


@pytest.mark.parametrize("word", ["hel", "https://", "id: te"])
def test_hover_is_silent_where_there_is_nothing_to_say(word: str) -> None:
    assert told(word) == ""


@pytest.mark.parametrize(
    ("word", "line", "place"),
    [
        ("outputs.as", 9, "ask"),
        ("outputs.ask.bo", 9, "ask"),
        ("vars.gre", 7, "greeting"),
        ("inputs.w", 3, "who"),
        ("dependsOn: [on", 20, "one"),
    ],
)
def test_a_name_leads_to_where_it_is_defined(word: str, line: int, place: str) -> None:
    sketch, *position = marked(at(word))
    found = definition_of(sketch, *position, types=types())
    assert found is not None
    assert (found.line, sketch.lines[found.line][found.start : found.end]) == (line, place)


@pytest.mark.parametrize("word", ["{{ no", "| upp", "names", "https://"])
def test_what_the_flow_does_not_define_leads_nowhere(word: str) -> None:
    assert definition_of(*marked(at(word)), types=types()) is None
