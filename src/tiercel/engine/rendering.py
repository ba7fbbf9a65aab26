"""Rendering inside a decision: pure expressions at once, those that need the world as a question.

`Unanswered` passes through to `engine.decide`, which undoes the step, asks, and takes it again when the answer is there.
"""

from collections.abc import Mapping
from typing import Any

from tiercel.engine.turn import Turn
from tiercel.engine.variables import HOLD_OUTPUTS, variables
from tiercel.expression import AnsweredHost, Failed, HostCall, Surroundings, is_true, render, render_typed, to_text
from tiercel.model.execution import Answer
from tiercel.model.sealed import Opened, opened, plain
from tiercel.model.spilled import KEEP, RECALL, Recalled, size_of
from tiercel.model.task_run import ROOT, TaskRun


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
    return _host(turn, run).call(function, arguments)


def kept(turn: Turn, run: TaskRun | None, outputs: dict[str, Any]) -> dict[str, Any]:
    """Outputs that the engine made as a row may hold them: those that are too large go to internal storage first."""
    if size_of(outputs) <= turn.context.world.limits.inline:
        return outputs
    name = "flow" if run is None else f"{run.id}, attempt {run.attempt}"
    return _host(turn, run).ask(HostCall(KEEP, {"outputs": outputs}, name))


def _context(turn: Turn, run: TaskRun | None, also: Mapping[str, Any] | None = None) -> Any:
    own = variables(turn.context, turn.snapshot(), None if run is None else run.ord, also=also)
    names = Recalled(own, lambda uri: _host(turn, run).call(RECALL, {"uri": uri}), only=HOLD_OUTPUTS)
    cipher = turn.context.world.cipher
    return names if cipher is None else Opened(names, lambda text: _hidden(turn, cipher.decrypt(text)))


def _hidden(turn: Turn, text: str) -> str:
    """The text, never shown in lines or errors of this turn."""
    turn.secrets.add(text)
    return text


def _surroundings(turn: Turn, run: TaskRun | None) -> Surroundings:
    return Surroundings(
        at=turn.at,
        zone=turn.context.world.zone,
        dialect=turn.context.world.dialect,
        left_out={"outputs": turn.context.nodes},
        seed=turn.event.seed,
        task_run="" if run is None else run.id,
        host=_host(turn, run),
        secrets=turn.secrets,
        stopwatch=turn.context.world.stopwatch,
    )


def _host(turn: Turn, run: TaskRun | None) -> AnsweredHost:
    """The world, as far as it has answered what this task run asked."""
    answers = turn.execution.answers.get(ROOT if run is None else run.ord, {})
    return AnsweredHost({key: _answer(turn, answer) for key, answer in answers.items()})


def _answer(turn: Turn, answer: Answer) -> Any:
    if answer.error is not None:
        return Failed(answer.error)
    cipher = turn.context.world.cipher
    if not answer.is_sealed or cipher is None:
        return answer.value
    return opened(answer.value, lambda text: _hidden(turn, cipher.decrypt(text)))
