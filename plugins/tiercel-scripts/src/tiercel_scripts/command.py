"""Several lines as the text of one shell, in which variables and `cd` carry over from line to line."""

import secrets
from collections.abc import Sequence
from pathlib import PurePath

DEFAULT_INTERPRETER = ["/bin/sh", "-c"]
LONGEST_ARGUMENT = 128 * 1024 - 1
"""Bytes that Linux takes as one argument; the text of a longer shell is read from a file."""
_SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh", "ash", "busybox"})


class Marks:
    """The line that parts beforeCommands from the rest; random, so that no script writes it by chance."""

    def __init__(self) -> None:
        self._mark = f"#tiercel-{secrets.token_hex(8)}#"
        self.are_expected = False
        """Whether the commands of this run write them."""

    def command(self) -> str:
        self.are_expected = True
        return f"printf '%s\\n' '{self._mark}'; printf '%s\\n' '{self._mark}' >&2"

    def before(self, line: str) -> str | None:
        """What a command wrote before the mark in a line, often nothing; None in all other lines.

        A command may end without a line break, and `set -x` shows the mark before it is written.
        """
        text, mark, rest = line.partition(self._mark)
        if not mark:
            return None
        return "" if rest or text.startswith("+") else text


def is_shell(interpreter: Sequence[str]) -> bool:
    """Whether it speaks the language of `sh`; `set -e` and marks mean nothing to others."""
    return any(PurePath(part).name in _SHELLS for part in interpreter)


def one_shell(before: Sequence[str], lines: Sequence[str], *, marks: Marks, fail_fast: bool) -> str:
    """The text for `sh -c`: beforeCommands, the mark, the lines."""
    head = ["set -e"] if fail_fast else []
    return "\n".join([*head, *before, *([marks.command()] if before else []), *lines])
