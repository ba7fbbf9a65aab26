"""A definition as plain data, and the place of every value in its text.

Places are looked up when a problem is told: a definition without problems pays nothing for them.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, cast

import msgspec
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from tiercel.definition.problem import Path, Problem, Severity, text_of

MERGE = "<<"
_WORD = re.compile(r"[^\s\"'\\]{1,40}")


class Span(msgspec.Struct, frozen=True):
    """A part of the text, from 1; all 0 where the text is not known."""

    line: int = 0
    column: int = 0
    end_line: int = 0
    end_column: int = 0


class Document(msgspec.Struct, frozen=True, dict=True):
    """`data` is what the text says; `root` and `text` say where it says so."""

    data: dict[str, Any]
    root: Node | None = None
    text: str = ""

    @cached_property
    def texts(self) -> tuple[tuple[Path, str], ...]:
        """Every text with its path, found once for all who look through them."""
        return tuple(texts(self.data))

    @cached_property
    def found(self) -> dict[str, Any]:
        """What others found by walking through it, kept for the next one (definition.walk)."""
        return {}

    def at(self, path: Path) -> Any:
        """The value a path leads to, or None."""
        value: Any = self.data
        for step in path:
            value = _step(value, step)
        return value

    def has(self, path: Path) -> bool:
        """Is something written there?"""
        return _reached(self.data, path) == len(path)

    def reach(self, path: Path) -> Path:
        """The part of a path that leads somewhere."""
        return path[: _reached(self.data, path)]

    def span(self, path: Path) -> Span:
        """Where a value stands; for a list or mapping where its name stands. The nearest one around where nothing does."""
        key, value = self._nodes(path)
        node = value if isinstance(value, ScalarNode) and value.style not in ("|", ">") else key or _first_key(value)
        return _span(node or value)

    def word(self, path: Path) -> str | None:
        """A single value as it is written: `yes` where the data say true."""
        _, node = self._nodes(path)
        return str(node.value) if isinstance(node, ScalarNode) else None

    def key_span(self, path: Path) -> Span:
        """Where the name of a value stands."""
        key, value = self._nodes(path)
        return _span(key or value)

    def lines(self, path: Path) -> tuple[int, tuple[str, ...]]:
        """The number of the first line on which a value stands, and these lines."""
        _, node = self._nodes(path)
        if node is None:
            return 0, ()
        first, end = node.start_mark.line, node.end_mark
        lines = self.text.splitlines()
        # What is written in blocks ends where the next thing begins.
        last = end.line if end.line < len(lines) and lines[end.line][: end.column].strip() else end.line - 1
        found = lines[first : max(last, first) + 1]
        while found and not found[-1].strip():
            found.pop()
        return first + 1, tuple(found)

    def span_within(self, path: Path, offset: int) -> Span:
        """Where a character of a text stands, given its place in the value: found by the word that begins there."""
        _, node = self._nodes(path)
        word = _WORD.match(str(node.value), offset) if isinstance(node, ScalarNode) else None
        found = None if node is None or word is None else self._span_of_word(node, word)
        return found or self.span(path)

    def _span_of_word(self, node: Node, word: re.Match[str]) -> Span | None:
        before = str(node.value).count(word.group(), 0, word.start())
        place = node.start_mark.index - 1
        for _ in range(before + 1):
            place = self.text.find(word.group(), place + 1, node.end_mark.index)
            if place < 0:
                return None
        line, column = self.text.count("\n", 0, place) + 1, place - self.text.rfind("\n", 0, place)
        return Span(line, column, line, column + len(word.group()))

    def problem(
        self,
        code: str,
        message: str,
        path: Path = (),
        *,
        span: Span | None = None,
        severity: Severity = Severity.ERROR,
        legacy: str | None = None,
        legacy_path: str | None = None,
        fix: str | None = None,
    ) -> Problem:
        """A problem at the value a path leads to, or at another span."""
        place = span or self.span(path)
        return Problem(
            code,
            message,
            text_of(path),
            place.line,
            place.column,
            place.end_line,
            place.end_column,
            severity,
            legacy,
            legacy_path,
            fix,
        )

    def legacy_path(self, path: Path) -> str:
        """The path as the original writes it: from the innermost thing on the way that has an id."""
        value: Any = self.data
        start, name = 0, ""
        for number, step in enumerate(path, start=1):
            value = _step(value, step)
            identified = isinstance(step, int) or step in ("task", "onPause")
            if (
                identified
                and isinstance(value, dict)
                and isinstance(found := cast(dict[str, Any], value).get("id"), str)
            ):
                start, name = number, found
        return text_of((name, *path[start:]) if start else path)

    def _nodes(self, path: Path) -> tuple[Node | None, Node | None]:
        """The nodes of the name and of the value, as near as the path leads."""
        key, node = None, self.root
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            key, node = found
        return key, node


def texts(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text in a value with its path; the names in mappings are no texts."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in cast(dict[str, Any], value).items():
            yield from texts(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(cast(list[Any], value)):
            yield from texts(inner, (*path, place))


def _step(value: Any, step: str | int) -> Any:
    if isinstance(value, dict) and isinstance(step, str):
        return cast(dict[str, Any], value).get(step)
    if isinstance(value, list) and isinstance(step, int):
        items = cast(list[Any], value)
        return items[step] if step < len(items) else None
    return None


def _reached(data: Any, path: Path) -> int:
    value = data
    for number, step in enumerate(path):
        if not _holds(value, step):
            return number
        value = _step(value, step)
    return len(path)


def _holds(value: Any, step: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(step, int) and step < len(cast(list[Any], value))
    return isinstance(value, dict) and step in value


def _child(node: Node | None, step: str | int) -> tuple[Node | None, Node] | None:
    if isinstance(node, SequenceNode) and isinstance(step, int):
        items = cast(list[Node], node.value)
        return (None, items[step]) if step < len(items) else None
    if isinstance(node, MappingNode):
        return _entry(cast(list[tuple[Node, Node]], node.value), step)
    return None


def _entry(entries: list[tuple[Node, Node]], step: str | int) -> tuple[Node, Node] | None:
    """The entry of a name, or the n-th one; merged mappings are looked into last."""
    if isinstance(step, int):
        return entries[step] if step < len(entries) else None
    for key, value in entries:
        if key.value == step:
            return key, value
    for key, value in entries:
        found = _merged(value, step) if key.value == MERGE else None
        if found is not None:
            return found
    return None


def _merged(node: Node, step: str) -> tuple[Node, Node] | None:
    mappings = cast(list[Node], node.value) if isinstance(node, SequenceNode) else [node]
    for mapping in mappings:
        if isinstance(mapping, MappingNode):
            found = _entry(cast(list[tuple[Node, Node]], mapping.value), step)
            if found is not None:
                return found
    return None


def _first_key(node: Node | None) -> Node | None:
    if isinstance(node, MappingNode) and node.value:
        return cast(list[tuple[Node, Node]], node.value)[0][0]
    return None


def _span(node: Node | None) -> Span:
    if node is None:
        return Span()
    start, end = node.start_mark, node.end_mark
    line, column = start.line + 1, start.column + 1
    if isinstance(node, ScalarNode) and node.style not in ("|", ">"):
        return Span(line, column, end.line + 1, end.column + 1)
    return Span(line, column, line, column + 1)
