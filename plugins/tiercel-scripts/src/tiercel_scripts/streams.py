"""What commands write: lines for the log, lines of the protocol, and the mark where beforeCommands end."""

from collections import deque
from collections.abc import Sequence

from tiercel.sdk import RunContext
from tiercel_scripts.command import Marks
from tiercel_scripts.protocol import Messages
from tiercel_scripts.runner.pipe import Reader

_KEPT = 5


class Streams:
    """Both streams of one run."""

    def __init__(self, ctx: RunContext, marks: Marks) -> None:
        self._ctx = ctx
        self._marks = marks
        self._messages = Messages(ctx)
        self._errors: deque[str] = deque(maxlen=_KEPT)

    @property
    def vars(self) -> dict[str, object]:
        """What was put out so far."""
        return self._messages.vars

    @property
    def last_errors(self) -> Sequence[str]:
        """The last lines on stderr."""
        return list(self._errors)

    def out(self) -> Reader:
        return self._reader("INFO")

    def err(self) -> Reader:
        return self._reader("ERROR")

    def _reader(self, level: str) -> Reader:
        write, before = self._ctx.log.at(level), self._ctx.log.debug
        is_before = self._marks.are_expected

        def take(line: str) -> None:
            nonlocal is_before
            unfinished = self._marks.before(line) if self._marks.are_expected else None
            if unfinished is not None:
                line = unfinished
            if (unfinished is None or line) and not self._messages.take(line):
                self._note(line, level)
                (before if is_before else write)(line)
            is_before = is_before and unfinished is None

        return Reader(take, self._ctx.log.drain, hide=self._ctx.masked)

    def _note(self, line: str, level: str) -> None:
        if level == "ERROR":
            self._errors.append(line)
