"""Bytes of a pipe into lines: long ones cut, progress by carriage returns thinned, bad bytes replaced."""

import time
from collections.abc import Callable, Iterator

LONGEST = 64 * 1024
"""Bytes of a log line; a longer one becomes several. Protocol lines may be longer and stay whole."""
LONGEST_MESSAGE = 64 * 1024 * 1024
PROGRESS_SECONDS = 1.0
_PROTOCOL = b"::{"


class Lines:
    """Cuts chunks as they come; what is not ended waits for the next chunk."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._rest = b""
        self._now = now
        self._shown = float("-inf")

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The lines that a chunk completes."""
        *ended, self._rest = (self._rest + chunk).split(b"\n")
        for line in ended:
            yield from _pieces(_last_state(line))
        yield from self._overlong()
        yield from self._progress()

    def end(self) -> Iterator[str]:
        """What stands behind the last line break."""
        rest, self._rest = self._rest, b""
        if rest:
            yield from _pieces(_last_state(rest))

    def _overlong(self) -> Iterator[str]:
        limit = LONGEST_MESSAGE if self._rest.startswith(_PROTOCOL) else LONGEST
        while len(self._rest) > limit:
            piece, self._rest = self._rest[:LONGEST], self._rest[LONGEST:]
            yield _text(piece)

    def _progress(self) -> Iterator[str]:
        """A bar that redraws itself: its last full state, once a second."""
        state, returned, rest = self._rest.rpartition(b"\r")
        if returned and rest and self._now() - self._shown >= PROGRESS_SECONDS:
            self._shown = self._now()
            self._rest = rest
            yield from _pieces(_last_state(state))


def _last_state(line: bytes) -> bytes:
    return line.rstrip(b"\r").rpartition(b"\r")[2]


def _pieces(line: bytes) -> Iterator[str]:
    if len(line) <= LONGEST or line.startswith(_PROTOCOL):
        yield _text(line)
        return
    for start in range(0, len(line), LONGEST):
        yield _text(line[start : start + LONGEST])


def _text(line: bytes) -> str:
    return line.decode(errors="replace")
