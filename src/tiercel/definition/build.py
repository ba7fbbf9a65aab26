"""From YAML nodes to plain data: names are texts, merges and aliases are resolved, every oddity is a problem."""

from typing import Any, cast

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from tiercel.definition.document import MERGE, Document
from tiercel.definition.problem import Problem
from tiercel.definition.yaml import NODE_LIMIT, TEXT, TooMuch, value_of


class Builder:
    """Builds one document; `problems` holds what was found on the way."""

    def __init__(self, text: str, root: Node) -> None:
        self.problems: list[Problem] = []
        self._places = Document({}, root, text)
        self._path: list[str | int] = []
        self._open: set[int] = set()
        self._built = 0

    def build(self, node: Node) -> Any:
        """The value of a node. Raises TooMuch for a document that grows without end by its aliases."""
        self._built += 1
        if self._built > NODE_LIMIT:
            raise TooMuch(f"more than {NODE_LIMIT} values, aliases counted each time")
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if id(node) in self._open:
            raise TooMuch("an alias that stands inside the value it names")
        self._open.add(id(node))
        value = self._mapping(node) if isinstance(node, MappingNode) else self._sequence(cast(SequenceNode, node))
        self._open.discard(id(node))
        return value

    def _scalar(self, node: ScalarNode) -> Any:
        if node.tag == TEXT:
            return node.value
        try:
            return value_of(node.tag, node.value)
        except ValueError:
            self._report("number", f"{node.value} is no number that can be kept; put it in quotes to have the text")
            return node.value

    def _sequence(self, node: SequenceNode) -> list[Any]:
        return [self._inside(place, item) for place, item in enumerate(cast(list[Node], node.value))]

    def _mapping(self, node: MappingNode) -> Any:
        entries = cast(list[tuple[Node, Node]], node.value)
        if any(not isinstance(key, ScalarNode) for key, _ in entries):
            return self._unquoted(node)
        values: dict[str, Any] = {}
        merges: list[Node] = []
        first: dict[str, Node] = {}
        for key, item in entries:
            name = str(key.value)
            if name == MERGE and _can_merge(item):
                merges.append(item)
            elif name in first:
                self._report_duplicate(key, first[name])
            else:
                first[name] = key
                values[name] = self._inside(name, item)
        for merge in merges:
            self._merge(values, merge)
        return values

    def _unquoted(self, node: MappingNode) -> str:
        """A mapping as a name is an expression without quotes: told once, and read as the text that was meant."""
        line = self._places.span(tuple(self._path)).line
        self._report(
            "unquoted-expression",
            'an expression must stand in quotes: write "{{ … }}"; without them it is a mapping inside a mapping',
            legacy="Illegal Flow source: YAML syntax error: Invalid structure. Check indentation and ensure all fields"
            f" are properly formatted. (at line {line})",
        )
        return self._places.text[node.start_mark.index : node.end_mark.index]

    def _merge(self, values: dict[str, Any], node: Node) -> None:
        """What is written in the mapping itself wins over what is merged into it."""
        for mapping in cast(list[Node], node.value) if isinstance(node, SequenceNode) else [node]:
            for name, value in cast(dict[str, Any], self.build(mapping)).items():
                values.setdefault(name, value)

    def _inside(self, step: str | int, node: Node) -> Any:
        self._path.append(step)
        value = self.build(node)
        self._path.pop()
        return value

    def _report_duplicate(self, key: Node, first: Node) -> None:
        line = key.start_mark.line + 1
        place = Document({}, key).span(())
        self.problems.append(
            self._places.problem(
                "duplicate-key",
                f"`{key.value}` stands here for the second time, the first is in line {first.start_mark.line + 1};"
                " keep one of the two",
                (*self._path, key.value),
                span=place,
                legacy=f"Illegal Flow source: YAML parsing error: Duplicate field '{key.value}' (at line {line})",
            )
        )

    def _report(self, code: str, message: str, *, legacy: str | None = None) -> None:
        self.problems.append(self._places.problem(code, message, tuple(self._path), legacy=legacy))


def _can_merge(node: Node) -> bool:
    if isinstance(node, SequenceNode):
        return all(isinstance(item, MappingNode) for item in cast(list[Node], node.value))
    return isinstance(node, MappingNode)
