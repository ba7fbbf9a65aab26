"""One name or list entry of a text that is being written, with where it stands."""

from collections.abc import Iterator


class Node:
    """An entry of a mapping (its name is a text) or of a list (its place in it). Lines and columns count from 0."""

    __slots__ = (
        "children",
        "colon",
        "column",
        "is_block",
        "is_bracketed",
        "is_loose",
        "last_line",
        "line",
        "name",
        "name_end",
        "parent",
        "value",
        "value_column",
        "value_line",
    )

    def __init__(self, name: str | int, parent: "Node | None", *, line: int, column: int, name_end: int = 0) -> None:
        self.name = name
        self.parent = parent
        self.children: list[Node] = []
        self.line = line
        self.column = column
        """Where its name begins, or its dash."""
        self.name_end = name_end
        self.colon = -1
        """Where its colon stands; -1 without one."""
        self.value = ""
        """Its text as written, quotes included; of a block the lines of it."""
        self.value_line = line
        self.value_column = name_end
        self.last_line = line
        self.is_block = False
        self.is_bracketed = False
        self.is_loose = False
        """A word without a colon."""

    @property
    def is_item(self) -> bool:
        return isinstance(self.name, int)

    @property
    def path(self) -> tuple[str | int, ...]:
        return () if self.parent is None else (*self.parent.path, self.name)

    @property
    def text(self) -> str:
        """Its value without quotes, where that is a text on one line."""
        value = self.value
        is_quoted = len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]
        return value[1:-1] if is_quoted else value

    def child(self, name: str) -> "Node | None":
        """The entry of a name."""
        return next((each for each in self.children if each.name == name and not each.is_loose), None)

    def said(self, name: str) -> str:
        """The text of an entry; empty where there is none."""
        found = self.child(name)
        return "" if found is None else found.text

    def around(self) -> "Iterator[Node]":
        """Itself, and what it stands in, from the inside to the outside."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent
