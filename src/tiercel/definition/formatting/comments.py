"""Finds the comments and the empty lines of a text, and gives each to what it belongs to.

A comment at the end of a line belongs to what stands in that line; one in a line of its own to what follows, or, where
it stands deeper than that, to the end of the list or mapping before.
"""

import re
from collections.abc import Iterator

from tiercel.definition.formatting.tree import Collection, Entry, Scalar, Tree

_COMMENT = re.compile(r"(?<!\S)#[^\n]*")


class Remark:
    """A comment, or an empty line."""

    def __init__(self, text: str, *, line: int, column: int, is_alone: bool) -> None:
        self.text = text
        self.line = line
        self.column = column
        self.is_alone = is_alone


class Comments:
    """The remarks of one document; those that were given away are no longer in it."""

    def __init__(self, text: str, tree: Tree) -> None:
        found = [remark for start, end in _gaps(text, tree) for remark in _remarks(text, tree, start, end)]
        self.texts = [remark.text for remark in found if remark.text]
        """All comments there are."""
        self._alone = [remark for remark in found if remark.is_alone]
        self._notes = {remark.line: remark for remark in found if not remark.is_alone}

    def above(self, line: int) -> list[Remark]:
        """What stands in lines of its own above a line."""
        taken = [remark for remark in self._alone if remark.line < line]
        self._alone = self._alone[len(taken) :]
        return taken

    def rest(self) -> list[Remark]:
        taken, self._alone = self._alone, []
        return taken

    def note(self, line: int) -> str | None:
        """The comment at the end of a line."""
        found = self._notes.pop(line, None)
        return None if found is None else found.text

    def within(self, first: int, last: int) -> bool:
        """Are there comments in these lines? They are taken: whoever asks shows the lines as they are."""
        inside = [remark for remark in self._alone if first <= remark.line <= last]
        notes = [line for line in self._notes if first <= line < last]
        self._alone = [remark for remark in self._alone if remark not in inside]
        for line in notes:
            del self._notes[line]
        return bool(notes) or any(remark.text for remark in inside)


def attach(tree: Tree, comments: Comments) -> list[str]:
    """Give each remark to its entry; what stands behind the last one is answered."""
    if isinstance(tree.root, Collection) and not tree.root.is_flow:
        _attach_within(tree.root, comments)
        return [remark.text for remark in _sink(tree.root, comments.rest(), 0)]
    return [remark.text for remark in comments.rest()]


def _attach_within(collection: Collection, comments: Comments) -> None:
    before: Entry | None = None
    for entry in collection.entries:
        remarks = comments.above(entry.line)
        if before is not None and isinstance(before.value, Collection) and not before.value.is_flow:
            remarks = _sink(before.value, remarks, entry.column)
        entry.leading = [remark.text for remark in remarks]
        _attach_to(entry, comments)
        before = entry


def _attach_to(entry: Entry, comments: Comments) -> None:
    value = entry.value
    if isinstance(value, Scalar):
        entry.note = comments.note(entry.line) or (None if value.is_block else comments.note(value.last_line))
    elif value.is_flow:
        value.is_verbatim = comments.within(value.line, value.last_line)
        entry.note = comments.note(value.last_line)
    else:
        if not value.entries or value.entries[0].line > entry.line:
            entry.note = comments.note(entry.line)
        _attach_within(value, comments)


def _sink(block: Collection, remarks: list[Remark], column: int) -> list[Remark]:
    """The first comments that stand deeper than a column go to the end of the block they are aligned with."""
    deeper = 0
    while deeper < len(remarks) and (not remarks[deeper].text or remarks[deeper].column > column):
        deeper += 1
    while deeper and not remarks[deeper - 1].text:
        deeper -= 1
    for remark in remarks[:deeper]:
        _aligned(block, remark.column).tail.append(remark.text)
    return remarks[deeper:]


def _aligned(block: Collection, column: int) -> Collection:
    """The innermost block at the end of this one whose entries do not stand right of a column."""
    last = block.entries[-1].value if block.entries else None
    if isinstance(last, Collection) and not last.is_flow and last.entries and last.entries[0].column <= column:
        return _aligned(last, column)
    return block


def _gaps(text: str, tree: Tree) -> Iterator[tuple[int, int]]:
    place = 0
    for start, end in tree.spans:
        yield place, start
        place = max(place, end)
    yield place, len(text)


def _remarks(text: str, tree: Tree, start: int, end: int) -> Iterator[Remark]:
    """The comments of a gap, and the lines that hold nothing."""
    place = start
    while place < end:
        line, column = tree.place(place)
        stop = text.find("\n", place, end)
        stop = end if stop < 0 else stop
        found = _COMMENT.search(text, place, stop)
        if found is not None:
            is_alone = not text[place - column : found.start()].strip()
            at = found.start() - place + column
            yield Remark(found.group().rstrip(), line=line, column=at, is_alone=is_alone)
        elif stop < end and not text[place - column : stop].strip():
            yield Remark("", line=line, column=0, is_alone=True)
        place = stop + 1


def comments_between(text: str, tree: Tree, start: int, end: int) -> list[str]:
    """The comments that stand between two offsets of a text."""
    gaps = ((max(begin, start), min(stop, end)) for begin, stop in _gaps(text, tree))
    remarks = (remark for begin, stop in gaps if begin < stop for remark in _remarks(text, tree, begin, stop))
    return [remark.text for remark in remarks if remark.text]
