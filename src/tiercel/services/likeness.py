"""Which type a name that nobody knows was probably meant to be: only what is near comes to mind."""

from collections.abc import Iterable
from difflib import get_close_matches

from tiercel.services.known_types import PREFIX

_MOST = 3
_NEAR = 0.9
"""How much a name must be like another to be taken for a typing error."""
_LONGEST = 150


class Likeness:
    """The names of types, by family and by last word: a typing error leaves one of the two as it is."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_family: dict[str, list[str]] = {}
        self._by_word: dict[str, list[str]] = {}
        for name in names:
            short = name.removeprefix(PREFIX)
            self._by_family.setdefault(_family(short), []).append(short)
            self._by_word.setdefault(_word(short).lower(), []).append(short)

    def of(self, name: str) -> list[str]:
        """The likeliest first."""
        short = name.removeprefix(PREFIX)
        if len(short) > _LONGEST:
            return []
        found = self._of_word(short) if "." not in short else self._of_way(short)
        return [_full(one) for one in dict.fromkeys(found)][:_MOST]

    def _of_word(self, word: str) -> list[str]:
        """The last word alone was written."""
        close = get_close_matches(word.lower(), self._by_word, n=_MOST, cutoff=_NEAR)
        return [name for one in close for name in self._by_word[one]]

    def _of_way(self, short: str) -> list[str]:
        """A letter or two are wrong; or the word is right, and the way to it within the family is not."""
        family, same_word = self._by_family.get(_family(short), []), self._by_word.get(_word(short).lower(), [])
        close = get_close_matches(short, [*family, *same_word], n=_MOST, cutoff=_NEAR)
        return [*close, *(name for name in same_word if _family(name) == _family(short))]


def _family(short: str) -> str:
    return short.partition(".")[0]


def _word(short: str) -> str:
    return short.rpartition(".")[2]


def _full(short: str) -> str:
    return short if short.startswith("io.") else PREFIX + short
