"""A text with a position in it, marked by `¦`, and the types that are installed here."""

from functools import cache
from typing import NamedTuple

from tiercel.definition.editing import Completion, Shapes, Sketch, complete
from tiercel.services.catalog import PluginCatalog
from tiercel.services.schemas import PluginSchemas


class Marked(NamedTuple):
    sketch: Sketch
    line: int
    column: int


@cache
def types() -> PluginSchemas:
    return PluginSchemas(PluginCatalog.installed())


@cache
def shapes() -> Shapes:
    return Shapes(types())


def marked(text: str) -> Marked:
    before, _, after = text.partition("¦")
    return Marked(Sketch(before + after), before.count("\n"), len(before.rpartition("\n")[2]))


def completed(text: str) -> Completion:
    return complete(*marked(text), types=types(), shapes=shapes())
