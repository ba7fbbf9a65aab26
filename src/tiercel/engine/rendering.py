"""Rendering inside a decision: pure expressions at once, those that need the world as a question.

`Unanswered` passes through to `engine.decide`, which undoes the step, asks, and takes it again when the answer is there.
"""

from typing import Any

from tiercel.engine.turn import Turn
from tiercel.engine.variables import variables
from tiercel.expression import AnsweredHost, Failed, Surroundings, is_true, render, render_typed, to_text
from tiercel.model.execution import ROOT, Answer, TaskRun


def render_text(turn: Turn, run: TaskRun | None, value: Any) -> str:
    """What a property that wants text says."""
    rendered = render(value, _context(turn, run), _surroundings(turn, run)) if isinstance(value, str) else value
    return to_text(rendered)


def render_value(turn: Turn, run: TaskRun | None, value: Any) -> Any:
    """What a property says, types kept, containers through and through."""
    return render_typed(value, _context(turn, run), _surroundings(turn, run))


def render_plain(turn: Turn, run: TaskRun | None, value: Any) -> Any:
    """What a property says, containers through and through, every template a text."""
    return render(value, _context(turn, run), _surroundings(turn, run))


def render_truth(turn: Turn, run: TaskRun | None, value: Any) -> bool:
    """Whether a condition holds."""
    return is_true(render_text(turn, run, value))


def _context(turn: Turn, run: TaskRun | None) -> Any:
    return variables(turn.context, turn.snapshot(), None if run is None else run.ord)


def _surroundings(turn: Turn, run: TaskRun | None) -> Surroundings:
    answers = turn.execution.answers.get(ROOT if run is None else run.ord, {})
    return Surroundings(
        at=turn.at,
        zone=turn.context.world.zone,
        seed=turn.event.seed,
        task_run="" if run is None else run.id,
        host=AnsweredHost({key: _answer(answer) for key, answer in answers.items()}),
    )


def _answer(answer: Answer) -> Any:
    return answer.value if answer.error is None else Failed(answer.error)
