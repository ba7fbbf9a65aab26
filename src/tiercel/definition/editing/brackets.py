"""Lists and mappings in brackets, `[a, b]` and `{a: 1}`, as far as they are written."""

import re

from tiercel.definition.editing.node import Node

_TOKEN = re.compile(
    r"""\{\{.*?(?:\}\}|$)|"(?:[^"\\]|\\.)*"?|'(?:[^']|'')*'?|[\[\]{},:]|[^\s\[\]{},:"']+(?:[ \t]+[^\s\[\]{},:"'#]+)*"""
)
_DEEPEST = 50


def read_brackets(lines: list[str], owner: Node) -> list[Node]:
    """The nodes within a value that begins with a bracket; says in the owner where it ends."""
    return _Reader(lines, owner).read()


class _Reader:
    def __init__(self, lines: list[str], owner: Node) -> None:
        self._lines = lines
        self._owner = owner
        self._open = [owner]
        self._is_list: list[bool] = []
        self._key: Node | None = None
        self._found: list[Node] = []

    def read(self) -> list[Node]:
        owner = self._owner
        for number in range(owner.value_line, len(self._lines)):
            line = self._lines[number]
            if number > owner.value_line and not self._goes_on(line):
                break
            owner.last_line = number
            start = owner.value_column if number == owner.value_line else 0
            if self._read_line(number, line, start):
                break
        return self._found

    def _goes_on(self, line: str) -> bool:
        """A line that is no deeper than the owner ends what was never closed, unless it closes it."""
        content = line.strip()
        return not content or content[0] in "]}" or len(line) - len(line.lstrip(" ")) > self._owner.column

    def _read_line(self, number: int, line: str, start: int) -> bool:
        """Whether the last bracket was closed."""
        for token in _TOKEN.finditer(line, start):
            word = token.group()
            if word in ("[", "{"):
                self._enter(number, token.start(), is_list=word == "[")
            elif word in ("]", "}"):
                self._leave(number)
            elif word == ",":
                self._key = None
            elif word == ":":
                self._colon(token.start())
            else:
                self._word(number, token.start(), word)
            if not self._is_list:
                return True
        return False

    def _enter(self, number: int, column: int, *, is_list: bool) -> None:
        if self._is_list and len(self._is_list) < _DEEPEST:
            node = self._key or (self._add(self._place(), number, column) if self._is_list[-1] else self._open[-1])
            node.value_line, node.value_column, node.is_bracketed = number, column, True
            self._open.append(node)
        self._is_list.append(is_list)
        self._key = None

    def _leave(self, number: int) -> None:
        self._is_list.pop()
        if len(self._open) > 1:
            self._open.pop().last_line = number
        self._key = None

    def _colon(self, column: int) -> None:
        if self._key is not None and self._key.colon < 0:
            self._key.colon, self._key.is_loose = column, False

    def _word(self, number: int, column: int, word: str) -> None:
        key = self._key
        if self._is_list[-1]:
            self._add(self._place(), number, column, word)
        elif key is not None and key.colon >= 0:
            key.value, key.value_line, key.value_column, key.last_line = word, number, column, number
        else:
            self._key = self._add(word.strip("'\""), number, column)
            self._key.name_end, self._key.is_loose = column + len(word), True

    def _place(self) -> int:
        return len(self._open[-1].children)

    def _add(self, name: str | int, number: int, column: int, value: str = "") -> Node:
        node = Node(name, self._open[-1], line=number, column=column, name_end=column)
        node.value, node.value_line, node.value_column = value, number, column
        self._open[-1].children.append(node)
        self._found.append(node)
        return node
