"""What can be made out of a text that is being written: which name stands below which, by indentation alone.

No YAML reader: half a line, an open quote or a missing colon never hide what stands around them. Nothing here raises.
"""

import re
from collections.abc import Iterator

from tiercel.definition.editing.brackets import read_brackets
from tiercel.definition.editing.node import Node

_KEY = re.compile(
    r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#\[{&*!|>%@`,\]}](?:[^:\n]|:(?!\s|$))*?)[ \t]*:(?=\s|$)"""
)
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(#.*)?$")
_COMMENT = re.compile(r"(^|\s)#.*$")

DEEPEST = 100
"""What is nested deeper belongs to the last that is not: no flow is, and everything that walks the tree may recurse."""


class Sketch:
    """The text as a tree. Lines and columns count from 0."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.root = Node("", None, line=0, column=-1)
        self.by_line: list[list[Node]] = [[] for _ in self.lines]
        """The nodes that begin in a line, outer ones first."""
        self._open = [self.root]
        self._last: Node | None = None
        number = 0
        while number < len(self.lines):
            number = self._read(number)

    def nodes(self) -> Iterator[Node]:
        """Every node, in the order of the text."""
        for nodes in self.by_line:
            yield from nodes

    def node_at(self, line: int) -> Node | None:
        """The innermost node whose value a line belongs to, where it begins further up."""
        for number in range(min(line, len(self.lines) - 1), -1, -1):
            if self.by_line[number]:
                last = self.by_line[number][-1]
                return last if last.last_line >= line else None
        return None

    def _read(self, number: int) -> int:
        """Read a line, and what its value takes of the next ones; the number of the line after it."""
        written = self.lines[number].rstrip("\r")
        rest = written.lstrip(" ")
        if not rest or rest.startswith(("#", "---", "...")):
            return number + 1
        column = len(written) - len(rest)
        while rest == "-" or rest.startswith("- "):
            self._begin_item(number, column)
            following = rest[1:].lstrip(" ")
            column += len(rest) - len(following)
            rest = following
        if rest and not rest.startswith("#"):
            return self._read_entry(number, column, rest)
        return number + 1

    def _begin_item(self, number: int, column: int) -> None:
        while self._open[-1].column > column or (self._open[-1].is_item and self._open[-1].column == column):
            self._open.pop()
        parent = self._open[-1]
        self._begin(Node(len(parent.children), parent, line=number, column=column, name_end=column + 1))

    def _read_entry(self, number: int, column: int, rest: str) -> int:
        key = _KEY.match(rest)
        if key is None:
            return self._read_loose(number, column, rest)
        while self._open[-1].column >= column:
            self._open.pop()
        name = key.group(1)
        node = Node(_unquoted(name), self._open[-1], line=number, column=column, name_end=column + len(name))
        node.colon = column + key.end() - 1
        self._begin(node)
        value = rest[key.end() :]
        begins = column + key.end() + len(value) - len(value.lstrip(" \t"))
        return self._read_value(node, number, begins, value.strip())

    def _read_loose(self, number: int, column: int, rest: str) -> int:
        """A word without a colon: an entry of a list, or a name that is being written."""
        owner = self._open[-1]
        if owner.is_item and owner.line == number:
            return self._read_value(owner, number, column, rest)
        while self._open[-1].column >= column:
            self._open.pop()
        node = Node(rest, self._open[-1], line=number, column=column, name_end=column + len(rest))
        node.is_loose = True
        self._begin(node, is_open=False)
        return number + 1

    def _read_value(self, node: Node, number: int, column: int, value: str) -> int:
        node.value_line, node.value_column, node.last_line = number, column, number
        if _BLOCK.match(value):
            node.is_block = True
            node.last_line = self._end_of_block(node, number)
            node.value = "\n".join(self.lines[number + 1 : node.last_line + 1])
            return node.last_line + 1
        if value.startswith(("[", "{")) and not value.startswith("{{"):
            node.is_bracketed = True
            node.value = value
            found = read_brackets(self.lines, node)
            for each in found:
                self.by_line[each.line].append(each)
            return node.last_line + 1
        node.value = value if value.startswith(("'", '"')) else _COMMENT.sub("", value).rstrip()
        if value:
            node.last_line = self._end_of_text(node, number, value)
            node.value = "\n".join([node.value, *self.lines[number + 1 : node.last_line + 1]])
        return node.last_line + 1

    def _end_of_block(self, node: Node, number: int) -> int:
        """The last line that is indented deeper than the name; empty lines between belong to it."""
        last = number
        for following in range(number + 1, len(self.lines)):
            written = self.lines[following]
            if written.strip() and _indentation(written) <= node.column:
                break
            last = following
        return last

    def _end_of_text(self, node: Node, number: int, value: str) -> int:
        """A text goes on in deeper lines, up to one that looks like something else unless its quote is open."""
        quote = value[0] if value[0] in "'\"" else ""
        last, is_open = number, bool(quote) and not _is_closed(value, quote)
        for following in range(number + 1, len(self.lines)):
            written = self.lines[following]
            content = written.strip()
            if not content or _indentation(written) <= node.column:
                break
            if quote and not is_open:
                break
            if not quote and (content.startswith(("- ", "#")) or _KEY.match(content)):
                break
            is_open = is_open and not content.endswith(quote)
            last = following
        return last

    def _begin(self, node: Node, *, is_open: bool = True) -> None:
        if node.parent is not None:
            node.parent.children.append(node)
        self.by_line[node.line].append(node)
        if is_open and len(self._open) < DEEPEST:
            self._open.append(node)


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _unquoted(name: str) -> str:
    return name[1:-1] if len(name) > 1 and name[0] in "'\"" and name[-1] == name[0] else name


def _is_closed(value: str, quote: str) -> bool:
    body = value[1:].replace("\\\\", "").replace('\\"', "").replace("''", "")
    return quote in body
