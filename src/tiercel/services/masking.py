"""Keeps secrets out of what a run writes: every text it was told of becomes stars."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

STARS = "******"
_SHORTEST = 3
"""Shorter texts occur everywhere by chance; masking them would tell more than it hides."""
_SHORTEST_LINE = 8


class Masker:
    """The secrets of one run, as they become known."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        """Hide this text from now on, also as it stands in JSON, and each line of several."""
        forms = {form for form in _forms(secret) if len(form) >= _SHORTEST}
        if not forms <= self._forms:
            self._forms |= forms
            self._pattern = None

    def mask(self, text: str) -> str:
        """The text without secrets."""
        if not self._forms:
            return text
        if self._pattern is None:
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern.sub(STARS, text)


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    lines = secret.splitlines()
    yield from (line.strip() for line in lines if len(lines) > 1 and len(line.strip()) >= _SHORTEST_LINE)
    yield from _parts(secret)


def _parts(secret: str) -> Iterator[str]:
    """A secret that is a JSON object is used by its parts: each is as secret as the whole."""
    if not secret.lstrip().startswith(("{", "[")):
        return
    try:
        pending: list[Any] = [json.loads(secret)]
    except ValueError:
        return
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending += cast(dict[str, Any], value).values()
        elif isinstance(value, list):
            pending += cast(list[Any], value)
        elif isinstance(value, str):
            yield value
