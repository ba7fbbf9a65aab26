"""Patterns of file names: `*` and `?` within a folder, `**` across folders, `[a-z]`, `{csv,json}`."""

import re
from collections.abc import Iterable
from functools import lru_cache

_WILD = re.compile(r"[*?\[{]")
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|\{[^{}]*\}|\\.|.", re.DOTALL)
_MEANINGS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def is_pattern(name: str) -> bool:
    return _WILD.search(name) is not None


def matching(pattern: str) -> re.Pattern[str]:
    """For relative paths with `/`. A pattern that makes no sense, such as `[z-a]`, stands for itself."""
    try:
        return re.compile(_translated(pattern), re.DOTALL)
    except re.error:
        return re.compile(re.escape(pattern))


def _translated(pattern: str) -> str:
    return "".join(_meaning(token) for token in _TOKEN.findall(pattern))


def _meaning(token: str) -> str:
    if token in _MEANINGS:
        return _MEANINGS[token]
    if len(token) > 1 and token[0] == "[":
        return _set(token[1:-1])
    if len(token) > 1 and token[0] == "{":
        return f"(?:{'|'.join(_translated(choice) for choice in token[1:-1].split(','))})"
    return re.escape(token[-1])


def _set(members: str) -> str:
    kept = members.removeprefix("!").replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
    return f"(?!/)[{'^' if members.startswith('!') else ''}{kept}]"


def fits_any(path: str, patterns: Iterable[str]) -> bool:
    """Whether a path below some root, without a slash in front, fits one of the patterns.

    One that begins with a letter or digit is looked for at any depth, as the original does; one with a slash in front
    holds from the root. `glob:` and `regex:` may stand before it.
    """
    return any(_anchored(pattern).fullmatch(path) for pattern in patterns)


@lru_cache(maxsize=1000)
def _anchored(pattern: str) -> re.Pattern[str]:
    if pattern.startswith("regex:"):
        return re.compile(pattern.removeprefix("regex:").removeprefix("/"))
    plain = pattern.removeprefix("glob:")
    anywhere = "**/" if plain[:1].isalnum() or plain[:1] == "_" else ""
    return matching(anywhere + plain.removeprefix("/"))
