"""What a property of a plugin class wants, read from its annotation: how its expressions are to be rendered.

A text where texts are wanted, a value with its type elsewhere, nothing at all for `Raw`. Knows no expressions itself.
"""

import types
from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel, SecretStr
from pydantic.fields import FieldInfo

from tiercel.sdk import NotRendered, RenderedToText


class Shape(NamedTuple):
    """`text`: a text is acceptable. `items`: of list elements and of values in a mapping. `fields`: of an object's."""

    text: bool = False
    loose: bool = False
    """A number or boolean is as good as a text."""
    raw: bool = False
    secret: bool = False
    items: "Shape | None" = None
    fields: "Mapping[str, Shape] | None" = None

    @property
    def inner(self) -> "Shape":
        """Of what a list or a mapping holds, where no field of an object is meant."""
        return self.items or (TEXTS if self.text and self.loose else TYPED)

    @property
    def takes_json(self) -> bool:
        """A list or mapping may also be written as JSON text, unless the text itself is acceptable."""
        return not self.text and not self.raw and (self.items is not None or self.fields is not None)


TEXT = Shape(text=True)
TYPED = Shape()
TEXTS = Shape(text=True, loose=True)
"""Of anything: what it holds is rendered as it is."""


@lru_cache(maxsize=4096)
def shape_of_class(model: type[BaseModel]) -> Shape:
    """The shapes of a class's properties, under every name they may be written by."""
    fields: dict[str, Shape] = {}
    for name, field in model.model_fields.items():
        shape = _shape(field.annotation, tuple(field.metadata))
        fields.update(dict.fromkeys(spellings(name, field), shape))
    secret = any(shape.secret for shape in fields.values())
    return Shape(fields=fields, secret=secret)


def spellings(name: str, field: FieldInfo) -> tuple[str, ...]:
    """The names a property may be written by, the present one first."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        return tuple(choice for choice in alias.choices if isinstance(choice, str))
    return (str(alias or field.alias or name),)


def _shape(annotation: Any, metadata: tuple[Any, ...] = ()) -> Shape:
    if any(isinstance(mark, NotRendered) or mark is NotRendered for mark in metadata):
        return Shape(text=True, raw=True)
    if any(isinstance(mark, RenderedToText) for mark in metadata):
        return TEXTS
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(arguments[0], arguments[1:])
    if origin in (Union, types.UnionType):
        return _union([_shape(member) for member in arguments if member is not type(None)])
    return _single(origin or annotation, arguments)


def _single(kind: Any, arguments: tuple[Any, ...]) -> Shape:
    if kind is Literal:
        return TEXT if any(isinstance(choice, str) for choice in arguments) else TYPED
    if not isinstance(kind, type):
        return TYPED
    if issubclass(kind, str | Enum):
        return TEXT
    if issubclass(kind, SecretStr):
        return Shape(text=True, secret=True)
    if issubclass(kind, BaseModel):
        return shape_of_class(kind)
    if issubclass(kind, Mapping):
        return _container(arguments[1] if len(arguments) == 2 else Any)
    if issubclass(kind, Sequence | set | frozenset):
        return _container(arguments[0] if arguments else Any)
    return TYPED


def _container(item: Any) -> Shape:
    items = _shape(item)
    return Shape(items=items, secret=items.secret)


def _union(members: list[Shape]) -> Shape:
    """Text wins where several would do: what an author writes in quotes stays a text."""
    fields = [shape.fields for shape in members if shape.fields is not None]
    return Shape(
        text=any(shape.text for shape in members),
        loose=any(shape.loose or shape == TYPED for shape in members),
        raw=any(shape.raw for shape in members),
        secret=any(shape.secret for shape in members),
        items=next((shape.items for shape in members if shape.items is not None), None),
        fields={name: shape for known in fields for name, shape in known.items()} if fields else None,
    )
