"""Bytes of a pipe into lines: long ones cut, progress by carriage returns thinned, bad bytes replaced.

Secrets are hidden in a long line before it is cut: of one that lies across a cut neither half would be known.
"""

import time
from collections.abc import Callable, Iterator

LONGEST = 64 * 1024
"""Bytes of a log line; a longer one becomes several. Protocol lines may be longer and stay whole."""
LONGEST_MESSAGE = 64 * 1024 * 1024
KEPT = 16 * 1024
"""Bytes at the end of a line under way that stay uncut: a secret may have begun in them."""
PROGRESS_SECONDS = 1.0
_PROTOCOL = b"::{"


class Lines:
    """Cuts chunks as they come; what is not ended waits for the next chunk."""

    def __init__(self, now: Callable[[], float] = time.monotonic, *, hide: Callable[[str], str] = str) -> None:
        self._now = now
        self._hide = hide
        self._waiting: list[bytes] = []
        """The beginning of a line, in pieces: putting each to the former ones would copy a long line again and again."""
        self._size = 0
        self._shown = float("-inf")

    def feed(self, chunk: bytes) -> Iterator[str]:
        """The lines that a chunk completes."""
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            yield from self._pieces(_last_state(self._taken() + line))
        self._wait(rest)
        if b"\r" in rest:
            yield from self._progress()
        if self._size > LONGEST:
            yield from self._overlong()

    def end(self) -> Iterator[str]:
        """What stands behind the last line break."""
        rest = _last_state(self._taken())
        if rest:
            yield from self._pieces(rest)

    def _wait(self, piece: bytes) -> None:
        if piece:
            self._waiting.append(piece)
            self._size += len(piece)

    def _taken(self) -> bytes:
        taken, self._waiting, self._size = b"".join(self._waiting), [], 0
        return taken

    def _progress(self) -> Iterator[str]:
        """A bar that redraws itself: one of its states a second. The newest one waits: a line break may follow it."""
        *former, newest = _states(self._taken())
        self._wait(newest)
        latest = next((state for state in reversed(former) if state), None)
        if latest is not None and (now := self._now()) - self._shown >= PROGRESS_SECONDS:
            self._shown = now
            yield from self._pieces(latest)

    def _overlong(self) -> Iterator[str]:
        limit = LONGEST_MESSAGE if self._waiting[0].startswith(_PROTOCOL) else LONGEST + KEPT
        if self._size > limit:
            *whole, rest = _cut(self._hidden(self._taken()), keep=KEPT)
            self._wait(rest)
            yield from map(_text, whole)

    def _pieces(self, line: bytes) -> Iterator[str]:
        if len(line) <= LONGEST or line.startswith(_PROTOCOL):
            yield _text(line)
        else:
            yield from map(_text, _cut(self._hidden(line)))

    def _hidden(self, line: bytes) -> bytes:
        return self._hide(line.decode(errors="surrogateescape")).encode(errors="surrogateescape")


def _states(line: bytes) -> list[bytes]:
    """The newest one keeps the carriage return behind it: followed by a line break, that is how the line ends."""
    first, *others = line.split(b"\r")
    if others and not others[-1]:
        return [first, *others[:-2], others[-2] + b"\r"] if len(others) > 1 else [first + b"\r"]
    return [first, *others]


def _last_state(line: bytes) -> bytes:
    return line.rstrip(b"\r").rpartition(b"\r")[2]


def _cut(line: bytes, keep: int = 0) -> list[bytes]:
    """Pieces of the greatest length that does not break a character; the last one may be longer by what is to be kept."""
    pieces: list[bytes] = []
    start = 0
    while len(line) - start > LONGEST + keep:
        end = start + LONGEST
        while end > start + LONGEST - 4 and line[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(line[start:end])
        start = end
    return [*pieces, line[start:]]


def _text(line: bytes) -> str:
    return line.decode(errors="replace")
