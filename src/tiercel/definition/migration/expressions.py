"""Names within expressions: replaced in the text as it is written, between `{{` and `}}` only."""

import re
from collections.abc import Callable, Iterator

from tiercel.definition.document import texts
from tiercel.definition.edits import Edit
from tiercel.definition.migration.draft import Draft
from tiercel.definition.migration.step import Resolve, Step
from tiercel.definition.problem import Path
from tiercel.expression import compile
from tiercel.expression.errors import ExpressionError

EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_FILTERS = {"json": "toJson", "jsonEncode": "toJson"}
_FUNCTIONS = {"json": "fromJson", "jsonDecode": "fromJson", "ionDecode": "fromIon"}
_OLD_FILTER = re.compile(r"(\|\s*)(json|jsonEncode)\b(?!\s*\()")
_OLD_FUNCTION = re.compile(r"(?<![\w.|])(?<!\|\s)(json|jsonDecode|ionDecode)(?=\s*\()")


def replaced(draft: Draft, path: Path, change: Callable[[str], str]) -> list[Edit]:
    """The edits that change the expressions of the text at a path."""
    span = draft.span(path)
    if span is None:
        return []
    start, end = span
    found = ((match, change(match.group())) for match in EXPRESSION.finditer(draft.text, start, end))
    return [Edit(match.start(), match.end(), text) for match, text in found if text != match.group()]


def expressions(text: str) -> list[str]:
    """What is rendered of a text."""
    return EXPRESSION.findall(text)


def within(text: str, change: Callable[[str], str]) -> str:
    """A text with its expressions changed."""
    return EXPRESSION.sub(lambda found: change(found.group()), text)


def old_names(draft: Draft, resolve: Resolve) -> Iterator[Step]:
    """Filters and functions that have another name now, or none any more."""
    for path, text in texts(draft.document.data):
        if "{{" not in text and "{%" not in text:
            continue
        names = _old_names_of(text)
        if not names:
            continue
        edits = replaced(draft, path, _with_new_names)
        certain = all(name in _FILTERS | _FUNCTIONS for name, _ in names)
        told = ", ".join(f"`{name}` is written `{new}`" for name, new in dict.fromkeys(names))
        yield Step(draft.document.span(path).line, f"in an expression {told}", tuple(edits) if certain else ())


def _old_names_of(text: str) -> list[tuple[str, str]]:
    try:
        return [(old.name, old.about.instead or "") for old in compile(text).old_names]
    except ExpressionError:
        return []


def _with_new_names(expression: str) -> str:
    text = _OLD_FILTER.sub(lambda found: found[1] + _FILTERS[found[2]], expression)
    return _OLD_FUNCTION.sub(lambda found: _FUNCTIONS[found[1]], text)
