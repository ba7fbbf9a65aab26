"""Several lines as the text of one shell, in which variables and `cd` carry over from line to line."""

import secrets


class Marks:
    """The line that parts beforeCommands from the rest; random, so that no script writes it by chance."""

    def __init__(self) -> None:
        self._mark = f"#tiercel-{secrets.token_hex(8)}#"

    @property
    def command(self) -> str:
        return f"printf '%s\\n' '{self._mark}'; printf '%s\\n' '{self._mark}' >&2"

    def ends_before(self, line: str) -> bool:
        return line == self._mark


def one_shell(before: list[str], lines: list[str], *, marks: Marks, fail_fast: bool) -> str:
    """The text for `sh -c`: beforeCommands, the mark, the lines."""
    head = ["set -e"] if fail_fast else []
    return "\n".join([*head, *before, *([marks.command] if before else []), *lines])
