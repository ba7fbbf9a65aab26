"""A flow that is being rewritten: makes the edits that change one entry of its text and leave the rest."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from yaml import MappingNode, Mark, Node, ScalarNode, SequenceNode

from tiercel.definition.document import Document
from tiercel.definition.edits import Edit
from tiercel.definition.formatting.comments import comments_between
from tiercel.definition.formatting.scalars import is_plain, literal, quoted
from tiercel.definition.formatting.tree import Tree
from tiercel.definition.problem import Path

_QUOTES = ("'", '"')


class Lines(NamedTuple):
    """A list as it is written: whole lines."""

    text: str
    start: int
    dash: int
    """The column of the dashes."""


class Draft:
    """One document, with the places of its entries."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self._tree: Tree | None = None
        self._shared: list[tuple[int, int]] | None = None

    def line(self, path: Path) -> int:
        return self.document.key_span(path).line

    def rename(self, path: Path, name: str) -> list[Edit]:
        """Another name for an entry; nothing where it is not written at this place."""
        found = self._entry(path)
        return [] if found is None else [self._scalar(found[0], name)]

    def put(self, path: Path, value: str | bool) -> list[Edit]:
        """Another text in place of a single value."""
        node = self.node(path)
        return [self._scalar(node, value)] if isinstance(node, ScalarNode) else []

    def replace(self, path: Path, entries: Mapping[str, Any]) -> list[Edit]:
        """Other entries in place of one, at the same depth. Comments that stand in it are kept above."""
        found = self._entry(path)
        if found is None:
            return []
        key, value = found
        start, end = _start(key), self._end(value)
        if self._is_in_brackets(path):
            return [Edit(start, end, ", ".join(f"{name}: {_flow(each)}" for name, each in entries.items()))]
        column = cast(Mark, key.start_mark).column
        lines = self.comments(start, end)
        if not entries and not lines:
            return self.remove(path)
        for name, each in entries.items():
            lines += _block(name, each)
        margin = f"\n{' ' * column}"
        return [Edit(start, end, margin.join(lines).replace(f"{margin}\n", "\n\n"))]

    def is_shared(self, edits: Iterable[Edit]) -> bool:
        """Would edits change what an alias lets stand elsewhere too?"""
        if self._shared is None:
            self._shared = [] if self.document.root is None else list(self._spans_of_aliases(self.document.root, set()))
        return any(start <= edit.start < end for edit in edits for start, end in self._shared)

    def _spans_of_aliases(self, node: Node, seen: set[int]) -> Iterator[tuple[int, int]]:
        """The places of nodes that are reached twice."""
        if id(node) in seen:
            yield _start(node), self._end(node)
            return
        seen.add(id(node))
        if isinstance(node, MappingNode | SequenceNode):
            for inner in cast(list[Node | tuple[Node, Node]], node.value):
                for each in inner if isinstance(inner, tuple) else (inner,):
                    yield from self._spans_of_aliases(each, seen)

    def comments(self, start: int, end: int) -> list[str]:
        """The comments between two offsets."""
        if self._tree is None:
            self._tree = Tree(self.text)
        return comments_between(self.text, self._tree, start, end)

    def lines(self, path: Path) -> Lines | None:
        """The lines of a list, comments above its first entry included; None where it is written in another way."""
        items, first = self.node(path), self.node((*path, 0))
        entry = self._entry(path)
        if entry is None or first is None or not isinstance(items, SequenceNode) or items.flow_style:
            return None
        line_start = self.text.rfind("\n", 0, _start(first)) + 1
        before = self.text[line_start : _start(first)]
        start = self.text.find("\n", _start(entry[0]), line_start) + 1
        if before.strip() != "-" or start == 0:
            return None
        end = self.text.find("\n", self._end(items)) + 1 or len(self.text)
        return Lines(self.text[start:end], start, before.index("-"))

    def node(self, path: Path) -> Node | None:
        """The value at a path; not what is merged into a mapping there."""
        node = self.document.root
        for step in path:
            node = _child(node, step)
        return node

    def span(self, path: Path) -> tuple[int, int] | None:
        """Where a value begins and ends."""
        node = self.node(path)
        return None if node is None else (_start(node), self._end(node))

    def remove(self, path: Path) -> list[Edit]:
        """Nothing in place of an entry: its lines are gone, with the comments in them."""
        found = self._entry(path)
        if found is None:
            return []
        start, end = _start(found[0]), self._end(found[1])
        line_start = self.text.rfind("\n", 0, start) + 1
        if not self.text[line_start:start].strip():
            line_end = self.text.find("\n", end)
            return [Edit(line_start, len(self.text) if line_end < 0 else line_end + 1, "")]
        entries = cast(list[tuple[Node, Node]], cast(MappingNode, self.node(path[:-1])).value)
        following = [_start(key) for key, _ in entries if _start(key) > start]
        return [Edit(start, following[0], "")] if following else []

    def _entry(self, path: Path) -> tuple[Node, Node] | None:
        node = self.node(path[:-1])
        if not isinstance(node, MappingNode):
            return None
        entries = cast(list[tuple[Node, Node]], node.value)
        return next(((key, value) for key, value in entries if key.value == path[-1]), None)

    def _is_in_brackets(self, path: Path) -> bool:
        return any(
            isinstance(node, MappingNode | SequenceNode) and bool(node.flow_style)
            for node in (self.node(path[:length]) for length in range(len(path)))
        )

    def _scalar(self, node: Node, value: str | bool) -> Edit:
        """A value in the quotes of the one it replaces."""
        start, end = _start(node), self._end(node)
        if (
            isinstance(value, str)
            and self.text[start] in _QUOTES
            and value == value.translate({34: None, 39: None, 92: None})
        ):
            return Edit(start + 1, end - 1, value)
        return Edit(start, end, scalar_text(value))

    def _end(self, node: Node) -> int:
        """The end of what is written, without the empty lines and comments behind it."""
        end = cast(Mark, node.end_mark).index
        if isinstance(node, ScalarNode):
            return _start(node) + len(self.text[_start(node) : end].rstrip()) if node.style in ("|", ">") else end
        if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
            last = cast(list[Node | tuple[Node, Node]], node.value)[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        return end


def scalar_text(value: Any) -> str:
    """A single value as it is written."""
    if not isinstance(value, str):
        return json.dumps(value)
    return value if is_plain(value) else quoted(value)


def listed(value: Any) -> list[Any]:
    """The entries of a list; none of what is something else."""
    return cast(list[Any], value) if isinstance(value, list) else []


def _block(name: str, value: Any) -> list[str]:
    """An entry, its lines from the first column on."""
    if isinstance(value, dict) and value:
        inner = [line for key, each in cast(dict[str, Any], value).items() for line in _block(key, each)]
        return [f"{name}:", *(f"  {line}" for line in inner)]
    if isinstance(value, list | tuple) and any(isinstance(each, dict) for each in cast(Sequence[Any], value)):
        return [f"{name}:", *(f"  {line}" for each in cast(Sequence[Any], value) for line in _item(each))]
    lines = literal(value) if isinstance(value, str) else None
    if lines is not None:
        return [f"{name}: {lines[0]}", *(f"  {line}" if line else "" for line in lines[1:])]
    return [f"{name}: {scalar_text(value) if isinstance(value, str) else _flow(value)}"]


def _item(value: Any) -> list[str]:
    if not isinstance(value, dict) or not value:
        return [f"- {_flow(value)}"]
    first, *further = [line for key, each in cast(dict[str, Any], value).items() for line in _block(key, each)]
    return [f"- {first}", *(f"  {line}" for line in further)]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in cast(dict[str, Any], value).items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(each) for each in cast(Sequence[Any], value)) + "]"
    return scalar_text(value) if not isinstance(value, str) or is_plain(value, in_flow=True) else quoted(value)


def _child(node: Node | None, step: str | int) -> Node | None:
    if isinstance(node, MappingNode):
        return next((value for key, value in cast(list[tuple[Node, Node]], node.value) if key.value == step), None)
    if isinstance(node, SequenceNode) and isinstance(step, int):
        items = cast(list[Node], node.value)
        return items[step] if step < len(items) else None
    return None


def _start(node: Node) -> int:
    return cast(Mark, node.start_mark).index
