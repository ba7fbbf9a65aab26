"""Writes a tree: two spaces a level, lists one level in, short collections in brackets where the author put them so."""

from collections.abc import Iterable, Iterator

from tiercel.definition.formatting.order import Role, ordered, role_within
from tiercel.definition.formatting.scalars import as_block, written
from tiercel.definition.formatting.tree import Collection, Entry, Node, Scalar

WIDTH = 120
_STEP = 2


class Layout:
    """Writes one document."""

    def __init__(self, text: str, *, keeps_order: bool) -> None:
        self._text = text
        self._keeps_order = keeps_order

    def lines(self, root: Collection, role: Role) -> Iterator[str]:
        """The lines of a block."""
        yield from self._block(root, role, 0)

    def _block(self, block: Collection, role: Role, depth: int) -> Iterator[str]:
        margin = " " * depth
        entries = block.entries if self._keeps_order else ordered(block, role)
        for number, entry in enumerate(entries):
            yield from _remarks(entry.leading, margin, is_first=number == 0)
            yield from self._entry(entry, block, role, depth)
        yield from _remarks(block.tail, margin, is_first=False)

    def _entry(self, entry: Entry, block: Collection, role: Role, depth: int) -> Iterator[str]:
        margin, value = " " * depth, entry.value
        if entry.key is None:
            head, inner = f"{margin}-", role
        else:
            name = written(entry.key)
            head, inner = f"{margin}{name}:", role_within(role, block, entry.key.value)
        if isinstance(value, Scalar):
            yield from self._scalar(head, value, entry, depth)
        elif (line := self._in_line(value, head, entry.note)) is not None:
            yield line
        elif value.is_verbatim:
            yield from self._verbatim(head, value, entry, depth)
        elif entry.key is None and not value.properties:
            if entry.note is not None:
                yield margin + entry.note
            yield from _on_the_dash(list(self._block(value, inner, depth + _STEP)), depth)
        else:
            yield _noted(f"{head} {value.properties}".rstrip(), entry.note)
            yield from self._block(value, inner, depth + _STEP)

    def _scalar(self, head: str, value: Scalar, entry: Entry, depth: int) -> Iterator[str]:
        block = as_block(value)
        if block is None:
            yield _noted(f"{head} {written(value)}".rstrip(), entry.note)
            return
        header = " ".join(filter(None, (value.properties, block[0])))
        yield _noted(f"{head} {header}", entry.note)
        margin = " " * (depth + _STEP)
        yield from (f"{margin}{line}" if line else "" for line in block[1:])

    def _in_line(self, value: Collection, head: str, note: str | None) -> str | None:
        """A collection in brackets, where the author wrote it in one line and it fits."""
        if value.is_verbatim or (value.entries and not value.is_flow):
            return None
        if value.entries and value.last_line > value.line:
            return None
        line = _noted(f"{head} {_flow(value)}", note)
        return line if len(line) <= WIDTH or not value.entries else None

    def _verbatim(self, head: str, value: Collection, entry: Entry, depth: int) -> Iterator[str]:
        """As it is written, the lines after the first moved as one."""
        first, *further = self._text[value.start : value.end].split("\n")
        yield f"{head} {first.rstrip()}"
        common = min((len(line) - len(line.lstrip()) for line in further if line.strip()), default=0)
        margin = " " * (depth + _STEP)
        moved = [f"{margin}{line[common:].rstrip()}" if line.strip() else "" for line in further]
        moved[-1] = _noted(moved[-1], entry.note)
        yield from moved


def _remarks(remarks: Iterable[str], margin: str, *, is_first: bool) -> Iterator[str]:
    """Comments; of several empty lines one stays, in front of the first entry none."""
    before: str | None = "" if is_first else None
    for remark in remarks:
        if remark or before != "":
            yield f"{margin}{remark}" if remark else ""
        before = remark


def _on_the_dash(lines: list[str], depth: int) -> Iterator[str]:
    """The first line of an entry goes behind its dash; comments in front of it go above."""
    margin = " " * depth
    while not lines[0] or lines[0].lstrip().startswith("#"):
        remark = lines.pop(0).lstrip()
        if remark:
            yield margin + remark
    yield f"{margin}- {lines[0].lstrip()}"
    yield from lines[1:]


def _noted(line: str, note: str | None) -> str:
    return line if note is None else f"{line}  {note}"


def _flow(value: Node) -> str:
    """A value within brackets."""
    if isinstance(value, Scalar):
        return written(value, in_flow=True)
    if value.is_mapping:
        inner = ", ".join(f"{_flow_name(entry)}: {_flow(entry.value)}".rstrip() for entry in value.entries)
        text = f"{{{inner}}}"
    else:
        text = f"[{', '.join(_flow(entry.value) for entry in value.entries)}]"
    return f"{value.properties} {text}".strip()


def _flow_name(entry: Entry) -> str:
    return "" if entry.key is None else written(entry.key, in_flow=True)
