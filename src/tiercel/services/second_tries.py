"""Events of failed commits: each is handled again, and given up when it fails again and again."""

import logging
from collections import deque
from collections.abc import Callable, Iterable

from tiercel.services.residents import Item
from tiercel.services.suspects import Unstorable

TRIES = 2
"""An event that made as many commits fail is given up, or it would stop the others for ever."""

_log = logging.getLogger(__name__)


class SecondTries:
    """`accept` handles an event."""

    def __init__(self, accept: Callable[[Item], None]) -> None:
        self._accept = accept
        self._waiting: deque[Item] = deque()

    def add(self, items: Iterable[Item], failure: BaseException) -> None:
        """Those that had nothing to do with the failure at once, the others one after the other."""
        for item in items:
            if item.tries >= TRIES:
                _give_up(item, failure)
            elif item.tries:
                self._waiting.append(item)
            else:
                self._accept(item)
        self.go_on()

    def go_on(self) -> None:
        """A commit went well: the next one may be tried."""
        if self._waiting:
            self._accept(self._waiting.popleft())


def _give_up(item: Item, failure: BaseException) -> None:
    _log.error("event %s of execution %s is given up", type(item.event).__name__, item.execution_id)
    if item.answer is not None and not item.answer.done():
        item.answer.set_exception(Unstorable(item.execution_id, failure))
