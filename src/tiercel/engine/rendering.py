"""Rendering inside a decision: pure expressions at once, those that need the world as a question.

`Unanswered` passes through to `engine.decide`, which undoes the step, asks, and takes it again when the answer is there.
"""

from collections.abc import Mapping
from typing import Any

from tiercel.engine.turn import Turn
from tiercel.engine.variables import variables
from tiercel.expression import AnsweredHost, Failed, Surroundings, is_true, render, render_typed, to_text
from tiercel.model.execution import ROOT, Answer, TaskRun
from tiercel.model.sealed import Opened, opened, plain


def render_text(turn: Turn, run: TaskRun | None, value: Any) -> str:
    """What a property that wants text says."""
    rendered = render(value, _context(turn, run), _surroundings(turn, run)) if isinstance(value, str) else value
    return to_text(rendered)


def render_value(turn: Turn, run: TaskRun | None, value: Any, *, also: Mapping[str, Any] | None = None) -> Any:
    """What a property says, types kept, containers through and through; it may name what is in `also` too."""
    return plain(render_typed(value, _context(turn, run, also), _surroundings(turn, run)))


def render_plain(turn: Turn, run: TaskRun | None, value: Any) -> Any:
    """What a property says, containers through and through, every template a text."""
    return render(value, _context(turn, run), _surroundings(turn, run))


def render_truth(turn: Turn, run: TaskRun | None, value: Any, *, also: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition holds, which may name what is in `also` too."""
    return is_true(to_text(render(value, _context(turn, run, also), _surroundings(turn, run))))


def sight(turn: Turn) -> tuple[Mapping[str, Any], Surroundings]:
    """What expressions of the execution itself see."""
    return _context(turn, None), _surroundings(turn, None)


def ask(turn: Turn, run: TaskRun | None, function: str, arguments: dict[str, Any]) -> Any:
    """What the world answers to a question of the engine's own, which no expression can put."""
    return _surroundings(turn, run).host.call(function, arguments)


def _context(turn: Turn, run: TaskRun | None, also: Mapping[str, Any] | None = None) -> Any:
    names = variables(turn.context, turn.snapshot(), None if run is None else run.ord, also=also)
    cipher = turn.context.world.cipher
    return names if cipher is None else Opened(names, lambda text: _hidden(turn, cipher.decrypt(text)))


def _hidden(turn: Turn, text: str) -> str:
    """The text, never shown in lines or errors of this turn."""
    turn.secrets.add(text)
    return text


def _surroundings(turn: Turn, run: TaskRun | None) -> Surroundings:
    answers = turn.execution.answers.get(ROOT if run is None else run.ord, {})
    return Surroundings(
        at=turn.at,
        zone=turn.context.world.zone,
        dialect=turn.context.world.dialect,
        left_out={"outputs": turn.context.nodes},
        seed=turn.event.seed,
        task_run="" if run is None else run.id,
        host=AnsweredHost({key: _answer(turn, answer) for key, answer in answers.items()}),
        secrets=turn.secrets,
        stopwatch=turn.context.world.stopwatch,
    )


def _answer(turn: Turn, answer: Answer) -> Any:
    if answer.error is not None:
        return Failed(answer.error)
    cipher = turn.context.world.cipher
    if not answer.is_sealed or cipher is None:
        return answer.value
    return opened(answer.value, lambda text: _hidden(turn, cipher.decrypt(text)))
