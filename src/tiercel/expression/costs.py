"""What filters, functions and methods cost in steps, before they run. A step is about a microsecond."""

from collections.abc import Mapping

from tiercel.expression.values import Value, is_list, is_map

FREE = frozenset(
    {
        *("length", "first", "last", "default", "className", "fetchContext", "printContext"),
        *("size", "isEmpty", "isBlank", "get", "containsKey", "toString", "type", "has"),
    }
)
"""Filters, functions and methods that look at the value's own size, or measure by themselves what they look at."""
SHALLOW = frozenset(
    {
        *("+", "reverse", "slice", "chunk", "merge", "flatten", "keys", "values", "sort", "rsort"),
        *("keySet", "entrySet"),
    }
)
"""Go through a list or map, and through nothing inside its elements."""

SLOW = "slow"
"""For what goes through a text character by character, and has no other name."""
CHARACTERS_A_STEP = 1024
_CHARACTERS_A_STEP: Mapping[str, int] = {
    SLOW: 8,
    "title": 4,
    "slugify": 8,
    "nl2br": 4,
    "indent": 4,
    "nindent": 4,
    "yaml": 8,
    "urlencode": 8,
    "urlEncode": 8,
    "urldecode": 8,
    "urlDecode": 8,
    "escapeChar": 16,
    "replace": 128,
    "fromJson": 32,
    "json": 32,
    "jsonDecode": 32,
    "toIon": 16,
    "sha512": 256,
    "sha1": 256,
    "md5": 256,
    "sha256": 256,
}
"""How many characters some of them get through in a step; the others copy or compare, which is fast."""
PARTS_A_STEP = 4
_ELEMENTS_A_STEP: Mapping[str, int] = {"+": 128}
_USUAL_ELEMENTS_A_STEP = 16


def price_of_text(name: str, length: int) -> int:
    """The steps of working on a text of so many characters."""
    return length // _CHARACTERS_A_STEP.get(name, CHARACTERS_A_STEP)


def price_of_list(name: str, length: int) -> int:
    """The steps of going through a list of so many elements, or a map of so many entries."""
    return 0 if name in FREE else length // _ELEMENTS_A_STEP.get(name, _USUAL_ELEMENTS_A_STEP)


def is_deep(name: str, value: Value) -> bool:
    """Whether everything inside a value is gone through."""
    return name not in FREE and name not in SHALLOW and (is_list(value) or is_map(value))
