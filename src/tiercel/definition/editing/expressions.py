"""What is being written within `{{ }}` or `{% %}`: a name, a member of one, a filter, a test or a tag."""

import re
from typing import Literal

import msgspec

_OPEN = re.compile(r"\{\{-?|\{%-?|\{#|-?\}\}|-?%\}|#\}")
_NAME = r"[A-Za-z_]\w*"
_MEMBER = rf"""(?:\s*\.\s*{_NAME}|\[\s*(?:"[^"]*"|'[^']*'|\d+)\s*\])"""
_PATH = re.compile(rf"""(?<![\w.\]])({_NAME}{_MEMBER}*)\s*\.\s*(\w*)\Z""")
_KEY = re.compile(rf"""(?<![\w.\]])({_NAME}{_MEMBER}*)\[\s*(['"])([^'"\]]*)\Z""")
_FILTER = re.compile(r"(?<!\|)\|\s*(\w*)\Z")
_TEST = re.compile(r"\bis\s+(?:not\s+)?(\w*)\Z")
_WORD = re.compile(r"(\w*)\Z")
_STEP = re.compile(rf"""{_NAME}|"([^"]*)"|'([^']*)'|\d+""")
_WHOLE = re.compile(rf"""{_NAME}{_MEMBER}*""")
_STRINGS = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")


class Writing(msgspec.Struct, frozen=True):
    """What stands before the position within an expression."""

    kind: Literal["name", "member", "key", "filter", "test", "tag", "nothing"]
    word: str = ""
    """How much of it stands there."""
    path: tuple[str, ...] = ()
    """Of a member: the names before it."""


def writing(before: str) -> Writing | None:
    """What is being written after a text; None outside of expressions."""
    inside = _inside(before)
    if inside is None:
        return None
    opening, text = inside
    if (key := _KEY.search(text)) and not _is_open(text[: key.start(2)]):
        return Writing("key", key[3], steps(key[1]))
    if _is_open(text):
        return Writing("nothing")
    if opening.startswith("{%") and re.fullmatch(r"\s*\w*", text):
        return Writing("tag", text.strip())
    for pattern, kind in ((_FILTER, "filter"), (_TEST, "test")):
        if found := pattern.search(text):
            return Writing("filter" if kind == "filter" else "test", found[1])
    if found := _PATH.search(text):
        return Writing("member", found[2], steps(found[1]))
    word = _WORD.search(text)
    return Writing("name", word[1] if word else "")


def steps(path: str) -> tuple[str, ...]:
    """The names of `outputs.a['b']`."""
    return tuple(found[1] or found[2] or found[0] for found in _STEP.finditer(path))


class Pointed(msgspec.Struct, frozen=True):
    """The name that a position is on."""

    kind: Literal["path", "filter", "test", "call", "tag"]
    path: tuple[str, ...]
    """Up to the name itself."""


def pointed(before: str, after: str) -> Pointed | None:
    """What a position is on, given the text before it and the text after it; None outside of expressions."""
    inside = _inside(before)
    if inside is None:
        return None
    opening, text = inside
    end = re.match(r"\w*", after)
    whole = text + (end.group() if end else "")
    last = _WORD.search(whole)
    word = last[1] if last else ""
    if not word or word.isdigit():
        return _pointed_key(text, after)
    head = whole[: len(whole) - len(word)]
    if _is_open(head):
        return _pointed_key(text, after)
    if re.search(r"(?<!\|)\|\s*\Z", head):
        return Pointed("filter", (word,))
    if re.search(r"\bis\s+(?:not\s+)?\Z", head):
        return Pointed("test", (word,))
    if opening.startswith("{%") and not head.strip():
        return Pointed("tag", (word,))
    path = re.search(rf"""(?<![\w.\]])({_NAME}{_MEMBER}*)\s*\.\s*\Z""", head)
    if path:
        return Pointed("path", (*steps(path[1]), word))
    rest = after[end.end() if end else 0 :]
    return Pointed("call" if re.match(r"\s*\(", rest) else "path", (word,))


def _pointed_key(text: str, after: str) -> Pointed | None:
    """`outputs['a']`, with the position within the quotes."""
    key = _KEY.search(text)
    rest = re.match(r"([^'\"\]]*)['\"]", after)
    return Pointed("path", (*steps(key[1]), key[3] + rest[1])) if key and rest else None


def _inside(before: str) -> tuple[str, str] | None:
    """What opened the expression that the text ends in, and what was written in it since."""
    last: re.Match[str] | None = None
    for found in _OPEN.finditer(before):
        last = found
    if last is None or last.group().endswith(("}", "#")) or last.group() == "{#":
        return None
    return last.group(), before[last.end() :]


def _is_open(text: str) -> bool:
    """Within a text in quotes."""
    rest = _STRINGS.sub("", text)
    return '"' in rest or "'" in rest
