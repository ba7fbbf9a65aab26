"""A YAML text as a tree that still knows how everything was written: styles, anchors, places."""

import re
from bisect import bisect_right
from typing import cast

from yaml import (
    AliasEvent,
    CSafeLoader,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    Mark,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

_PROPERTIES = re.compile(r"(?:[&!][^\s]*\s+)*(?:[&!][^\s]*)?")


class Scalar:
    """A single value, or a reference to an anchor."""

    def __init__(self, event: ScalarEvent | AliasEvent, text: str) -> None:
        self.start = _begin(event).index
        self.end = _end(event).index
        self.line = _begin(event).line
        self.last_line = _end(event).line
        self.text = written = text[self.start : self.end]
        is_alias = isinstance(event, AliasEvent)
        has_properties = not is_alias and (event.anchor is not None or event.tag is not None)
        found = _PROPERTIES.match(written) if has_properties else None
        self.properties = found.group().strip() if found else ""
        """Anchor and tag."""
        self.raw = written[found.end() :].lstrip() if found else written
        self.value = self.raw if is_alias else event.value
        self.style = "" if is_alias else event.style or ""
        """The sign it begins with; none for a plain one."""
        self.is_alias = is_alias
        self.is_anchored = is_alias or event.anchor is not None
        self.is_tagged = not is_alias and event.tag is not None

    @property
    def is_block(self) -> bool:
        return self.style in ("|", ">")

    @property
    def ends_early(self) -> bool:
        """A block that the empty lines behind it are no part of, although they are read with it."""
        return self.is_block and "+" not in self.raw.partition("\n")[0].partition("#")[0]


class Entry:
    """An entry of a mapping, or of a list, which has no key; with the comments that belong to it."""

    def __init__(self, key: Scalar | None, value: "Node", *, line: int, column: int) -> None:
        self.key = key
        self.value = value
        self.line = line
        self.column = column
        self.leading: list[str] = []
        """Comments above it, and empty lines as empty texts."""
        self.note: str | None = None
        """The comment at the end of its line."""


class Collection:
    """A mapping or a list."""

    def __init__(self, event: MappingStartEvent | SequenceStartEvent, text: str) -> None:
        self.is_mapping = isinstance(event, MappingStartEvent)
        self.is_flow = bool(event.flow_style)
        self.start = _begin(event).index
        self.end = self.start
        self.line = _begin(event).line
        self.last_line = self.line
        has_properties = event.anchor is not None or event.tag is not None
        found = _PROPERTIES.match(text, self.start) if has_properties else None
        self.properties = found.group().strip() if found else ""
        self.is_anchored = event.anchor is not None
        self.is_verbatim = False
        """It is shown as it is written, for there are comments between its brackets."""
        self.entries: list[Entry] = []
        self.tail: list[str] = []
        """Comments behind the last entry that stand as deep as the entries."""

    def get(self, name: str) -> "Node | None":
        return next((each.value for each in self.entries if each.key is not None and each.key.value == name), None)


Node = Scalar | Collection


class Tree:
    """A document. Raises YAMLError for a text that is none; ValueError for names that are no single values."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line_starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._loader = CSafeLoader(text)
        self.spans: list[tuple[int, int]] = []
        """What is written where: between these parts stand signs, spaces and comments."""
        self.has_anchors = False
        try:
            self._next()
            self._next()
            self.root = self._node(self._next())
        finally:
            self._loader.dispose()

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of an offset, from 0."""
        line = bisect_right(self._line_starts, index) - 1
        return line, index - self._line_starts[line]

    def _next(self) -> Event:
        return cast(Event, self._loader.get_event())

    def _node(self, event: Event) -> Node:
        if isinstance(event, ScalarEvent | AliasEvent):
            return self._scalar(event)
        return self._collection(cast(MappingStartEvent | SequenceStartEvent, event))

    def _scalar(self, event: ScalarEvent | AliasEvent) -> Scalar:
        scalar = Scalar(event, self._text)
        self.has_anchors |= scalar.is_anchored
        end = scalar.start + len(scalar.text.rstrip()) if scalar.ends_early else scalar.end
        self.spans.append((scalar.start, end))
        return scalar

    def _collection(self, event: MappingStartEvent | SequenceStartEvent) -> Collection:
        collection = Collection(event, self._text)
        self.has_anchors |= collection.is_anchored
        before = collection.start
        while not isinstance(inner := self._next(), MappingEndEvent | SequenceEndEvent):
            entry = self._entry(inner, collection, before)
            collection.entries.append(entry)
            before = entry.value.end
        collection.end = _end(inner).index
        collection.last_line = _end(inner).line
        return collection

    def _entry(self, event: Event, around: Collection, before: int) -> Entry:
        if around.is_mapping:
            if not isinstance(event, ScalarEvent):
                raise ValueError("a name that is no single value")
            key = self._scalar(event)
            mark = _begin(event)
            return Entry(key, self._node(self._next()), line=mark.line, column=mark.column)
        dash = _begin(event).index if around.is_flow else self._dash(event, around, before)
        line, column = self.place(dash)
        return Entry(None, self._node(event), line=line, column=column)

    def _dash(self, event: Event, around: Collection, before: int) -> int:
        """Where the sign of a list's entry stands: in front of its value, comments between them passed over."""
        if not around.entries:
            return self._text.index("-", around.start + len(around.properties))
        gap = re.compile(r"(?:\s|#[^\n]*)*-")
        found = gap.match(self._text, before)
        return _begin(event).index if found is None else found.end() - 1


def _begin(event: Event) -> Mark:
    return cast(Mark, event.start_mark)


def _end(event: Event) -> Mark:
    return cast(Mark, event.end_mark)
