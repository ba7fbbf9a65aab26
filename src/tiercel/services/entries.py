"""The lines of a history as people are shown them: event, decision and commands, with secrets hidden."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

import msgspec

from tiercel.engine.commands import AnyCommand, Evaluate, Replace, StartIteration
from tiercel.engine.events import Evaluated, Ran, Recorded, recorded
from tiercel.engine.history import Chapter, Told
from tiercel.expression import ExpressionError
from tiercel.model.masking import Masker
from tiercel.model.record import Record
from tiercel.model.sealed import Cipher, opened
from tiercel.model.spilled import KEEP
from tiercel.model.task_run import TaskRun
from tiercel.services.records import Handled


class Change(Record, frozen=True):
    """A task run that a decision made or moved."""

    id: str
    task_id: str
    state: str
    value: str | None = None
    iteration: int | None = None


class Entry(Record, frozen=True):
    """One event of a history."""

    seq: int
    """The commit that stored it."""
    at: datetime
    release: str
    """Which release of the server decided it."""
    event: dict[str, Any]
    state: str | None = None
    """The execution's state after it; absent where the decision cannot be taken again."""
    task_runs: tuple[Change, ...] = ()
    commands: tuple[dict[str, Any], ...] = ()
    not_recomputed: str | None = None
    """Why there is no decision."""


class Screen:
    """Hides what the events of one execution show of secrets."""

    def __init__(self, cipher: Cipher | None) -> None:
        self._cipher = cipher
        self._masker = Masker()

    def see(self, event: Recorded) -> None:
        """Learn the secrets that the world told."""
        if isinstance(event, Evaluated) and event.is_sealed:
            self.open(event.value)
        elif isinstance(event, Evaluated):
            self._masker.add_answer(event.key.partition("(")[0], event.value)

    def open(self, value: Any) -> None:
        """Learn the clear texts of what is encrypted in a value."""
        opened(value, self._learnt)

    def _learnt(self, text: str) -> str:
        """What another key has encrypted shows nobody anything."""
        try:
            clear = self._cipher.decrypt(text) if self._cipher is not None else text
        except ExpressionError:
            return text
        self._masker.add(clear)
        return clear

    def hidden(self, value: Any) -> Any:
        """The value with stars for secrets."""
        match value:
            case str():
                return self._masker.mask(value)
            case dict():
                entries = cast(dict[str, Any], value)
                return {name: self.hidden(entry) for name, entry in entries.items()}
            case list() | tuple():
                return [self.hidden(entry) for entry in cast(list[Any], value)]
            case _:
                return value


def plain(seq: int, handled: Handled, screen: Screen, *, reason: str) -> Iterator[Entry]:
    """The events alone, because of this reason."""
    for event in handled.events:
        screen.see(event)
        yield Entry(seq, event.at, handled.release, _shown(event, screen), not_recomputed=reason)


def retold(seq: int, handled: Handled, chapter: Chapter, screen: Screen) -> Iterator[Entry]:
    """The events with what was decided about them."""
    known: Mapping[int, TaskRun] = {}
    for told in chapter.told:
        screen.see(told.event)
        yield Entry(
            seq,
            told.event.at,
            handled.release,
            _shown(told.event, screen),
            state=told.decision.execution.state.current.value,
            task_runs=tuple(_changes(told, known)),
            commands=tuple(screen.hidden(shown_command(command)) for command in told.decision.commands),
        )
        known = told.decision.execution.changes.runs


def _shown(event: Recorded, screen: Screen) -> dict[str, Any]:
    fields = msgspec.to_builtins(event if isinstance(event, Ran) else recorded(event), enc_hook=str)
    # A number of 128 bits is no number to those who read JSON as JavaScript does.
    return screen.hidden(fields | {"seed": str(event.seed)})


def _changes(told: Told, known: Mapping[int, TaskRun]) -> Iterator[Change]:
    """The task runs that differ from what the commit knew before this event, in creation order."""
    runs = told.decision.execution.changes.runs
    for ord in sorted(ord for ord, run in runs.items() if known.get(ord) is not run):
        run = runs[ord]
        yield Change(run.id, run.task_id, run.state.current.value, run.value, run.iteration)


def shown_command(command: AnyCommand) -> dict[str, Any]:
    """A command with its name; of an execution that it starts only the id, and nothing of what is too large for a row."""
    name = type(command).__name__
    if isinstance(command, Evaluate) and command.function == KEEP:
        return {"command": name, "key": command.key}
    if isinstance(command, StartIteration | Replace):
        return {"command": name, "executionId": command.execution.id}
    fields = msgspec.to_builtins(command, enc_hook=str)
    return {"command": name, **{_camel(field): value for field, value in fields.items()}}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)
