"""Help for whoever writes a flow, from its text, a position and the types: pure, and never raises on half a text."""

from tiercel.definition.editing import wording
from tiercel.definition.editing.completion import Completion, Suggestion, complete
from tiercel.definition.editing.outline import Entry, outline
from tiercel.definition.editing.places import Range, Told, definition_of, hover
from tiercel.definition.editing.shapes import Shapes
from tiercel.definition.editing.sketch import Sketch
from tiercel.definition.editing.types import Types

__all__ = [
    "Completion",
    "Entry",
    "Range",
    "Shapes",
    "Sketch",
    "Suggestion",
    "Told",
    "Types",
    "complete",
    "definition_of",
    "hover",
    "outline",
    "wording",
]
