"""Values as cases write them, compared with what is there.

Names that begin with `$` mean something else than themselves: an execution of the case, an instant near now, any value.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from tests.conformance.installation import Installation

from tiercel.definition.typed import plain
from tiercel.model.history import History

ABSENT = object()


class Values:
    """Compares within one case. `names` are the executions that the case has named."""

    def __init__(self, house: Installation, names: Mapping[str, str]) -> None:
        self.house = house
        self.names = names

    def fits(self, found: Any, wanted: Any) -> bool:
        if wanted is None and found is ABSENT:
            return True
        if isinstance(wanted, str):
            return self._fits_text(found, wanted)
        if isinstance(wanted, dict) and isinstance(found, dict):
            return wanted.keys() == found.keys() and all(self.fits(found[key], wanted[key]) for key in wanted)
        if isinstance(wanted, list) and isinstance(found, list):
            return len(wanted) == len(found) and all(map(self.fits, found, wanted))
        return found == wanted and isinstance(found, bool) == isinstance(wanted, bool)

    def _fits_text(self, found: Any, wanted: str) -> bool:
        if near := re.fullmatch(r"\$datetime_near_now\((\d+)s\)", wanted):
            return abs(datetime.fromisoformat(str(found)) - self.house.clock.now()) < timedelta(seconds=int(near[1]))
        if other := re.fullmatch(r"\$not\((.*)\)", wanted):
            return found != other[1]
        if among := re.fullmatch(r"\$in\((.*)\)", wanted):
            return found in among[1].split(",")
        if wanted in ("$notnull", "$random"):
            return found is not None
        if sentence := re.fullmatch(r"list of (\d+)\b.*", wanted, re.DOTALL):
            return isinstance(found, list) and len(found) == int(sentence[1]) and self._fits_sentence(found, wanted)
        return found == self.named(wanted)

    def _fits_sentence(self, found: list[Any], sentence: str) -> bool:
        """Lists that the cases describe in words."""
        if "first entry has outputs.value" in sentence:
            wanted = re.findall(r"== '([^']*)'", sentence)[0]
            return at(found[0], "outputs.value") == wanted
        return True

    def named(self, text: str) -> str:
        """A text with `$e1.id` and the like filled in."""

        def fill(match: re.Match[str]) -> str:
            if match[1] not in self.names:
                return match[0]
            execution = self.house.seen(self.names[match[1]]).execution
            return {"id": execution.id, "flowId": execution.flow_id, "namespace": execution.namespace}[match[2]]

        return re.sub(r"\$(\w+)\.(id|flowId|namespace)", fill, text)


def at(data: Any, path: str) -> Any:
    """What stands at a dotted path; keys may hold dots themselves."""
    if not path:
        return data
    if isinstance(data, dict):
        for end in range(len(path), 0, -1):
            if (end == len(path) or path[end] == ".") and path[:end] in data:
                return at(data[path[:end]], path[end + 1 :])
    return ABSENT


def shown(value: Any) -> Any:
    """A value as JSON shows it."""
    return msgspec.to_builtins(plain(value), enc_hook=str, str_keys=True)


def states_of(history: History) -> list[str]:
    return [moment.state.value for moment in history.histories]


def says(wanted: str, texts: list[str]) -> bool:
    """`exact: x`, `contains: x`, `starts with: x (level …)`, or words that must stand somewhere."""
    how, colon, words = wanted.partition(": ")
    words = re.sub(r" \(level \w+\)$", "", words)
    tests: dict[str, Callable[[str], bool]] = {
        "exact": lambda text: text == words,
        "contains": lambda text: words in text,
        "starts with": lambda text: text.startswith(words),
        "starts": lambda text: text.startswith(words),
    }
    test = tests.get(how) if colon else None
    return any(map(test or (lambda text: wanted in text), texts))
