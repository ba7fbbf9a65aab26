"""Halves of surrogate pairs: `"\\ud83d"` in JSON is a text for Python, and for nothing that writes UTF-8."""

from typing import Any, cast


def holds_half(value: Any) -> bool:
    """Whether some text in plain data, keys included, has half a pair."""
    match value:
        case str():
            return not value.isascii() and whole(value) != value
        case dict():
            return any(holds_half(key) or holds_half(inner) for key, inner in cast(dict[Any, Any], value).items())
        case list() | tuple():
            return any(map(holds_half, cast(list[Any], value)))
        case _:
            return False


def mended(value: Any) -> Any:
    """Plain data with a question mark in place of each half; keys become texts."""
    match value:
        case dict():
            return {whole(str(key)): mended(inner) for key, inner in cast(dict[Any, Any], value).items()}
        case list() | tuple():
            return [mended(inner) for inner in cast(list[Any], value)]
        case str():
            return whole(value)
        case _:
            return value


def whole(text: str) -> str:
    return text.encode(errors="replace").decode()
