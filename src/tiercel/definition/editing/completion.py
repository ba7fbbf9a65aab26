"""What may be written at a position: names and values, and within `{{ }}` everything the expression may use there."""

import re
from collections.abc import Iterator
from typing import Literal, cast

import msgspec

from tiercel.definition.editing import flow_names, wording
from tiercel.definition.editing.expressions import Writing, writing
from tiercel.definition.editing.node import Node
from tiercel.definition.editing.scope import Scope
from tiercel.definition.editing.shapes import Property, Shapes
from tiercel.definition.editing.sketch import Sketch
from tiercel.definition.editing.spot import Spot, spot_at
from tiercel.definition.editing.types import Types
from tiercel.definition.input_types import INPUT_TYPES
from tiercel.expression import FILTERS, FUNCTIONS, OPERATORS, TAGS, TESTS
from tiercel.model.flow import InputType

Kind = Literal["property", "value", "type", "task", "variable", "function", "filter", "test", "keyword", "input"]
PREFIX = "io.kestra.plugin."
_MOST = 200
_OF_THE_SERVER = frozenset({"tenantId", "revision", "updated", "deleted"})
"""Written by the server into what it answers."""
_PLAIN = re.compile(r"[A-Za-z_]\w*")


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that may be written."""

    label: str
    kind: Kind
    text: str
    """What is to be inserted: a snippet where `is_snippet`."""
    is_snippet: bool = False
    detail: str = ""
    about: str = ""
    """In Markdown."""
    rank: int = 1
    """Lower ones go first."""
    is_deprecated: bool = False


class Completion(msgspec.Struct, frozen=True):
    """The suggestions, and the part of the line that any of them replaces."""

    suggestions: tuple[Suggestion, ...] = ()
    line: int = 0
    start: int = 0
    end: int = 0
    is_partial: bool = False
    """There are more than are listed: ask again when more is written."""


def complete(sketch: Sketch, line: int, column: int, *, types: Types, shapes: Shapes) -> Completion:
    """What may be written at a position."""
    spot = spot_at(sketch, line, column)
    found = list(_Completer(sketch, spot, types, shapes).all())
    start = _start_in_expression(spot)
    word = spot.word[start - spot.start :].lower()
    fitting = sorted(found, key=lambda each: (_distance(word, each.label.lower()), each.rank))
    kept = tuple(_spaced(each, sketch.lines[spot.line][start - 1 : start]) for each in fitting[:_MOST])
    return Completion(kept, spot.line, start, max(spot.end, start), len(fitting) > _MOST)


def _spaced(found: Suggestion, sign: str) -> Suggestion:
    """A space follows the colon or the dash, whether it was written or not."""
    return msgspec.structs.replace(found, text=f" {found.text}") if sign and sign in ":-" else found


def _start_in_expression(spot: Spot) -> int:
    """Within an expression only the last part of a path is replaced."""
    here = writing(spot.before) if spot.kind == "value" else None
    return spot.start if here is None else spot.start + len(spot.word) - len(here.word)


def _distance(word: str, label: str) -> int:
    """How far a label is from what was written: its last part begins so, it is part of it, it is neither."""
    if label.startswith(word) or label.rpartition(".")[2].startswith(word):
        return 0
    return 1 if word in label else 2


class _Completer:
    def __init__(self, sketch: Sketch, spot: Spot, types: Types, shapes: Shapes) -> None:
        self._sketch = sketch
        self._spot = spot
        self._types = types
        self._shapes = shapes

    def all(self) -> Iterator[Suggestion]:
        spot = self._spot
        if spot.kind == "name":
            found = list(self._names())
            yield from found
            if not found and not spot.node.children:
                yield from self._values(spot.node)
            return
        inside = writing(spot.before)
        if inside is not None:
            yield from self._expression(inside)
        else:
            yield from self._values(spot.node)

    # Names of properties -------------------------------------------------------------------------------------------------

    def _names(self) -> Iterator[Suggestion]:
        spot = self._spot
        there = {child.name for child in spot.node.children if not child.is_loose and child is not spot.on}
        there |= _OF_THE_SERVER if spot.node.parent is None else frozenset()
        has_colon = spot.on is not None and spot.on.colon >= 0
        for known in self._shapes.properties(spot.node).values():
            if known.name not in there and not known.schema.get("deprecated"):
                yield self._name(known, has_colon=has_colon)
        if not has_colon:
            yield from self._entries()

    def _name(self, known: Property, *, has_colon: bool) -> Suggestion:
        return Suggestion(
            label=known.name,
            kind="property",
            text=known.name if has_colon else known.name + self._snippet(known),
            is_snippet=not has_colon,
            detail=wording.kind_of(known, self._shapes) + (", required" if known.is_required else ""),
            about=wording.of_property(known, self._shapes),
            rank=0 if known.is_required else 1 if known.is_own else 2,
        )

    def _snippet(self, known: Property) -> str:
        """What follows the name: the places to fill in."""
        values = wording.values_of(known, self._shapes)
        if values and known.name != "type":
            escaped = (re.sub(r"([$},|\\])", r"\\\1", value) for value in values[:30])
            return f": ${{1|{','.join(escaped)}|}}"
        kinds = {
            kind
            for shape in self._shapes.choices(known.schema, known.definitions)
            for kind in wording.json_types(shape.schema)
        }
        if "string" in kinds and "integer" not in kinds and "array" not in kinds:
            return ": $0"
        if "array" in kinds and not kinds & {"string", "object"}:
            return ":\n  - $0"
        return ":\n  $0" if "object" in kinds and "string" not in kinds else ": $0"

    def _entries(self) -> Iterator[Suggestion]:
        """A new entry of a list of tasks, inputs or triggers."""
        node = self._spot.node
        if node.is_item or not any("items" in shape.schema for shape in self._shapes.at(node)):
            return
        inner = Node(0, node, line=node.line, column=node.column + 1)
        properties = self._shapes.properties(inner)
        needed = [name for name in ("id", "type") if name in properties]
        if needed:
            body = "\n  ".join(f"{name}: ${place}" for place, name in enumerate(needed, start=1))
            yield Suggestion(label=f"- {needed[0]}", kind="property", text=f"- {body}", is_snippet=True, rank=0)

    # Values --------------------------------------------------------------------------------------------------------------

    def _values(self, node: Node) -> Iterator[Suggestion]:
        owner = node.parent
        if owner is None:
            return
        kind = self._shapes.kind(owner) if node.name == "type" else None
        if kind is not None:
            yield from self._type_names(kind)
            return
        yield from self._ids(node)
        known = self._shapes.properties(owner).get(str(node.name)) if not node.is_item else self._item(node, owner)
        if known is not None:
            yield from self._choices(known, is_type_of_input=node.name in ("type", "itemType"))

    def _item(self, node: Node, owner: Node) -> Property | None:
        """An entry of a list, as if it were a property."""
        for shape in self._shapes.at(owner):
            if isinstance(items := shape.schema.get("items"), dict):
                return Property(str(node.name), items, shape.definitions, False, True)
        return None

    def _choices(self, known: Property, *, is_type_of_input: bool) -> Iterator[Suggestion]:
        for value in wording.values_of(known, self._shapes):
            about = INPUT_TYPES.get(InputType(value)) if is_type_of_input and value in InputType.__members__ else None
            old = about is not None and about.instead is not None
            yield Suggestion(
                label=value,
                kind="value",
                text=value,
                about=about.meaning if about else "",
                detail="default" if str(known.schema.get("default")) == value else "",
                rank=2 if old else 1,
                is_deprecated=old,
            )
        for example in cast(list[object], known.schema.get("examples", [])):
            if isinstance(example, str) and "\n" not in example:
                yield Suggestion(label=example, kind="value", text=example, detail="example", rank=2)

    def _type_names(self, kind: str) -> Iterator[Suggestion]:
        """In the form that was begun: the full name, or the short one."""
        word = self._spot.word
        is_full = not word or PREFIX.startswith(word[: len(PREFIX)])
        for names, here in ((self._types.names(kind), True), (self._types.other_names(kind), False)):
            for name in names:
                label = name if is_full else name.removeprefix(PREFIX)
                if _fits(word, label):
                    yield Suggestion(
                        label=label,
                        kind="type",
                        text=label,
                        detail="" if here else "not installed",
                        rank=(0 if name.startswith(f"{PREFIX}core.") else 1) if here else 3,
                    )

    def _ids(self, node: Node) -> Iterator[Suggestion]:
        """Ids that `dependsOn` names: tasks of the same Dag, or inputs."""
        around = list(node.around())
        if "dependsOn" not in [each.name for each in around[:3]] or node.path[:1] == ("triggers",):
            return
        if "inputs" in node.path and node.path[0] == "inputs":
            for name, each in flow_names.inputs(self._sketch).items():
                if each not in around:
                    yield Suggestion(label=name, kind="input", text=name, detail=each.said("type"), rank=0)
            return
        entry = next((each for each in around if each.is_item and each.child("task") is not None), None)
        if entry is not None and entry.parent is not None:
            for each in entry.parent.children:
                task = each.child("task")
                if each is not entry and task is not None and task.said("id"):
                    yield Suggestion(
                        label=task.said("id"), kind="task", text=task.said("id"), detail=task.said("type"), rank=0
                    )

    # Expressions ---------------------------------------------------------------------------------------------------------

    def _expression(self, inside: Writing) -> Iterator[Suggestion]:
        match inside.kind:
            case "filter":
                for name, known in FILTERS.items():
                    yield _called(name, "filter", wording.of_filter(name, known), old=bool(known.about.until))
            case "test":
                for name, known in TESTS.items():
                    yield _called(name, "test", wording.of_word(name, known.about))
            case "tag":
                for name, about in TAGS.items():
                    yield _called(name, "keyword", wording.of_word(name, about))
            case "member" | "key":
                yield from self._members(inside)
            case "name":
                yield from self._roots()
            case "nothing":
                pass

    def _members(self, inside: Writing) -> Iterator[Suggestion]:
        scope = Scope(self._sketch, self._spot.node, self._types)
        for each in scope.members(inside.path):
            if inside.kind == "key" or _PLAIN.fullmatch(each.name):
                yield Suggestion(
                    label=each.name,
                    kind="task" if inside.path == ("outputs",) else "variable",
                    text=each.name,
                    detail=each.kind,
                    about=each.meaning,
                )

    def _roots(self) -> Iterator[Suggestion]:
        scope = Scope(self._sketch, self._spot.node, self._types)
        for each in scope.roots():
            yield Suggestion(label=each.name, kind="variable", text=each.name, about=each.meaning, rank=0)
        for name, known in FUNCTIONS.items():
            text = f"{name}($0)" if known.parameters else f"{name}()"
            about = wording.of_function(name, known)
            yield Suggestion(
                label=name,
                kind="function",
                text=text,
                is_snippet=True,
                about=about,
                is_deprecated=bool(known.about.until),
                rank=2 if known.about.until else 1,
            )
        for name, about in OPERATORS.items():
            if _PLAIN.fullmatch(name):
                yield Suggestion(label=name, kind="keyword", text=name, about=wording.of_word(name, about), rank=3)


def _called(name: str, kind: Kind, about: str, *, old: bool = False) -> Suggestion:
    return Suggestion(label=name, kind=kind, text=name, about=about, is_deprecated=old, rank=2 if old else 1)


def _fits(word: str, label: str) -> bool:
    """The letters of the word stand in the label, in their order."""
    letters = iter(label.lower())
    return all(letter in letters for letter in word.lower())
