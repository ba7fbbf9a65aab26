"""The outline of a flow."""

from tiercel.definition.editing import Sketch, outline

FLOW = """\
id: a
namespace: b
inputs:
  - id: who
    type: STRING
tasks:
  - id: both
    type: core.flow.Parallel
    tasks:
      - id: left
        type: core.log.Log
        message: |
          hello
      - id: right
        type: core.log.Log
  - id: graph
    type: core.flow.Dag
    tasks:
      - task:
          id: one
          type: core.log.Log
triggers:
  - id: daily
    type: core.trigger.Schedule
"""


def test_tasks_stand_in_the_tasks_around_them() -> None:
    inputs, tasks, triggers = outline(Sketch(FLOW))
    both, graph = tasks.inner
    assert [each.name for each in both.inner] == ["left", "right"]
    assert [each.name for each in graph.inner] == ["one"]
    assert (inputs.inner[0].kind, triggers.inner[0].kind) == ("input", "trigger")
    assert both.detail == "core.flow.Parallel"


def test_an_entry_reaches_to_its_last_line() -> None:
    _, tasks, _ = outline(Sketch(FLOW))
    both = tasks.inner[0]
    assert (both.line, both.last_line) == (6, 14)
    assert (both.inner[0].line, both.inner[0].last_line) == (9, 12)
