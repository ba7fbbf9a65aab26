"""What a run shows: lines as they come, task runs as they end, the end itself. Plain text, a live terminal, or JSON."""

import sys
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec
import yaml

from tiercel.cli.message import readable
from tiercel.cli.run_secrets import starred
from tiercel.model.execution import Execution
from tiercel.model.log import Level, LogEntry
from tiercel.model.masking import Masker
from tiercel.model.states import State
from tiercel.model.task_run import TaskRun
from tiercel.services.broadcaster import Frame

MARKS = {State.SUCCESS: "✓", State.WARNING: "!", State.SKIPPED: "-"}
MOST_SHOWN = 12
"""Task runs under way that a terminal shows at once."""


class View(Protocol):
    """One of the ways to show a run."""

    def say(self, text: str) -> None: ...
    def line(self, entry: LogEntry) -> None: ...
    def frame(self, frame: Frame) -> None: ...
    def ended(self, execution: Execution, masker: Masker) -> None:
        """Show what came out; to people without the secrets that the masker knows."""
        ...

    def hidden(self) -> AbstractContextManager[None]:
        """Keep out of the way while somebody is asked."""
        ...

    def close(self) -> None:
        """Give the terminal back, whatever happened."""
        ...


def view_for(*, json: bool, level: Level = Level.TRACE) -> View:
    """The way to show a run that suits where the output goes. `level`: the least of the lines that are shown."""
    if json:
        return JsonView(level)
    return LiveView(level) if sys.stdout.isatty() else PlainView(lambda text: print(text, flush=True), level)


class PlainView:
    """One line for everything that happens: for pipes and CI."""

    def __init__(self, say: Callable[[str], None], level: Level) -> None:
        self._say = say
        self._level = level

    def say(self, text: str) -> None:
        self._say(text)

    def line(self, entry: LogEntry) -> None:
        if Level[entry.level] >= self._level:
            self._say(log_line(entry))

    def frame(self, frame: Frame) -> None:
        for run in frame.runs:
            if run.state.current.is_terminated:
                self._say(run_line(run))

    def ended(self, execution: Execution, masker: Masker) -> None:
        if execution.outputs:
            self._say("outputs:")
            self._say(indented(starred(execution.outputs, masker)))
        self._say(end_line(execution))

    def hidden(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        pass


class LiveView:
    """Like the plain one, with the task runs that are under way kept below."""

    def __init__(self, level: Level) -> None:
        # Only a terminal needs it, and it is not quickly imported.
        from rich.console import Console
        from rich.live import Live

        console = Console(highlight=False, markup=False, soft_wrap=True)
        self._plain = PlainView(console.print, level)
        self._open: dict[int, TaskRun] = {}
        self._live = Live(console=console, transient=True, get_renderable=self._picture)
        self._live.start()

    def say(self, text: str) -> None:
        self._plain.say(text)

    def line(self, entry: LogEntry) -> None:
        self._plain.line(entry)

    def frame(self, frame: Frame) -> None:
        self._plain.frame(frame)
        for run in frame.runs:
            if run.state.current.is_terminated:
                self._open.pop(run.ord, None)
            else:
                self._open[run.ord] = run

    def ended(self, execution: Execution, masker: Masker) -> None:
        self._open.clear()
        self._plain.ended(execution, masker)

    @contextmanager
    def hidden(self) -> Generator[None]:
        self._live.stop()
        try:
            yield
        finally:
            self._live.start()

    def close(self) -> None:
        self._live.stop()

    def _picture(self) -> str:
        now = datetime.now(UTC)
        shown = list(self._open.values())[:MOST_SHOWN]
        lines = [f"  … {_name(run)}  {run.state.current}  {_seconds(run, now)}" for run in shown]
        more = len(self._open) - len(shown)
        return "\n".join([*lines, *([f"  … and {more} more"] if more else [])])


class JsonView:
    """The end as one document on the output; everything else on the error stream."""

    def __init__(self, level: Level) -> None:
        self._plain = PlainView(lambda text: print(text, file=sys.stderr, flush=True), level)
        self._runs: dict[int, TaskRun] = {}

    def say(self, text: str) -> None:
        self._plain.say(text)

    def line(self, entry: LogEntry) -> None:
        self._plain.line(entry)

    def frame(self, frame: Frame) -> None:
        self._plain.frame(frame)
        self._runs.update((run.ord, run) for run in frame.runs)

    def ended(self, execution: Execution, masker: Masker) -> None:
        document = {
            "id": execution.id,
            "namespace": execution.namespace,
            "flowId": execution.flow_id,
            "inputs": execution.inputs,
            "outputs": execution.outputs or {},
            "labels": execution.labels,
            "state": execution.state,
            "taskRunList": [self._runs[ord] for ord in sorted(self._runs)],
        }
        print(msgspec.json.encode(document, enc_hook=str).decode(), flush=True)
        self._plain.say(end_line(execution))

    def hidden(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        pass


def log_line(entry: LogEntry) -> str:
    """`09:30:00.100 INFO  say  Hello`."""
    time = entry.timestamp.astimezone().strftime("%H:%M:%S.%f")[:-3]
    return f"{time} {entry.level:<5} {entry.task_id or '-'}  {readable(entry.message)}"


def run_line(run: TaskRun) -> str:
    """How a task run ended."""
    state = run.state.current
    tried = f"  attempt {len(run.attempts)}" if len(run.attempts) > 1 else ""
    return f"  {MARKS.get(state, '✗')} {_name(run)}  {state}  {_seconds(run)}{tried}"


def end_line(execution: Execution) -> str:
    """The line that scripts look for."""
    return f"execution {execution.id} ended {execution.state.current} in {seconds(execution)}"


def seconds(execution: Execution) -> str:
    moments = execution.state.histories
    return f"{(moments[-1].date - moments[0].date).total_seconds():.2f}s"


def indented(document: dict[str, Any]) -> str:
    """Data as YAML, two blanks in."""
    # The stubs of PyYAML leave the type of a width open.
    text: str = yaml.safe_dump(msgspec.to_builtins(document), sort_keys=False, allow_unicode=True)  # pyright: ignore[reportUnknownMemberType]
    return "\n".join(f"  {line}" for line in text.splitlines())


def _name(run: TaskRun) -> str:
    return run.task_id if run.value is None else f"{run.task_id} [{run.value}]"


def _seconds(run: TaskRun, now: datetime | None = None) -> str:
    end = now or run.state.histories[-1].date
    return f"{(end - run.state.started).total_seconds():.2f}s"
