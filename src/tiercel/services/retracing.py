"""Goes through a trace: whatever execution a page is about, from its creation on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tiercel.engine import FlowContext
from tiercel.engine.events import Created
from tiercel.engine.history import Chapter, Retelling, Run, as_created
from tiercel.model.execution import Execution
from tiercel.services.history import NotTold, made_by
from tiercel.services.records import read_execution
from tiercel.services.trace import Page


class Retraced(NamedTuple):
    """A page, and what its decisions come to when they are taken again."""

    page: Page
    chapter: Chapter


class Retracing:
    """Takes the pages of a trace as they come."""

    def __init__(self, contexts: Mapping[tuple[str, str], FlowContext], *, run: Run) -> None:
        self._contexts = contexts
        """Flows, by namespace and id."""
        self._run = run
        self._retellings: dict[str, Retelling] = {}
        self._made: dict[str, Execution] = {}
        """Executions that others have made, and that no page was about yet."""
        self._waiting: dict[str, list[Page]] = defaultdict(list)
        """Pages about executions that nobody has made yet: it happens in another page of the same commit."""

    def tell(self, page: Page) -> Iterator[Retraced]:
        """Decide again what a page tells, and those that waited for it. Raises TiercelError where that cannot be."""
        retelling = self._retelling(page)
        if retelling is None:
            self._waiting[page.execution_id].append(page)
            return
        chapter = retelling.commit(page.handled.events, page.handled.slices)
        yield Retraced(page, chapter)
        for made in made_by(chapter):
            self._made[made.id] = made
            for later in self._waiting.pop(made.id, ()):
                yield from self.tell(later)

    def left(self) -> list[str]:
        """Executions that the trace tells of, and not how they came to be."""
        return list(self._waiting)

    def _retelling(self, page: Page) -> Retelling | None:
        known = self._retellings.get(page.execution_id)
        if known is None and (first := self._first(page)) is not None:
            context = self._contexts.get((first.namespace, first.flow_id))
            if context is None:
                raise NotTold(f"flow {first.namespace}.{first.flow_id} is not in the trace, or cannot be read")
            known = Retelling(context.of_iteration(first.iteration), first, run=self._run)
            self._retellings[page.execution_id] = known
        return known

    def _first(self, page: Page) -> Execution | None:
        created = page.handled.events[0]
        if isinstance(created, Created) and created.labels:
            return as_created(read_execution(page.row), created)
        return self._made.pop(page.execution_id, None)
