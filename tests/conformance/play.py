"""Plays the actions of a case against an installation, one verb after the other."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from tests.conformance.installation import Installation, Seen
from tests.conformance.judge import Judge
from tests.conformance.values import says

from tiercel.engine import events as engine_events
from tiercel.services.creator import Made
from tiercel.services.residents import Told

Action = dict[str, Any]

EXPECTED = frozenset(
    [
        "returns",
        "do",
        "exec",
        "as",
        "as_",
        "inputs",
        "until",
        "within",
        "timeout",
        "during",
        "flow_id",
        "terminated",
        "not_paused",
        "kind_not",
    ]
)
"""Members of an action that are no expectations."""


class Unsupported(Exception):
    """The harness cannot do this yet; a case that needs it has failed."""


class Play:
    """One case under way: its installation, and the executions it has named."""

    def __init__(self, house: Installation, case: dict[str, Any]) -> None:
        self.house = house
        self.case = case
        self.names: dict[str, str] = {}
        self.judge = Judge(house, self.names)
        self.problems: list[str] = []
        self.before: Seen
        """The execution before the last verb."""
        self.forged: Made | None = None
        self.ignores_namespace = False
        """That of the case's own flow: one that an action names lies elsewhere."""
        self.next_id: str | None = None
        """The id of the next execution, where it matters."""

    async def run(self, verbs: "Mapping[str, Verb]") -> list[str]:
        """What is wrong after all actions; the first action that goes wrong is the last one."""
        for number, action in enumerate(self.case.get("actions", [])):
            verb = verbs.get(action["do"])
            if verb is None:
                raise Unsupported(f"the harness has no verb `{action['do']}`")
            await verb(self, action)
            if self.problems:
                return [f"action {number} ({action['do']}): {problem}" for problem in self.problems]
        if self.names and self.case.get("expect"):
            await self._settle()
            self.problems += await self._judged()
        return self.problems

    async def _settle(self) -> None:
        first = self.names.get("e1") or next(iter(self.names.values()))
        last = list(self.names.values())[-1] if len(self.names) > 1 else first
        if "state" in self.case["expect"] or "taskrun_count" in self.case["expect"]:
            await self.house.until(lambda: not self.house.seen(last).live, "the end")

    async def _judged(self) -> list[str]:
        expect = dict(self.case["expect"])
        first, last = self.house.seen(next(iter(self.names.values()))), self.house.seen(list(self.names.values())[-1])
        subject = last if any(action["do"] == "replay" for action in self.case["actions"]) else first
        logs = expect.pop("log_contains", [])
        problems: list[str] = []
        if expect.pop("same_execution_id", False) and len(set(self.names.values())) > 1:
            problems.append("the execution has another id")
        if expect.pop("new_execution_id", False) and len(set(self.names.values())) < 2:
            problems.append("the execution has the same id")
        expect.pop("then_ok_with", None)
        problems += list(self.judge.execution(subject, expect))
        return problems + await self._missing_lines(subject, logs)

    async def _missing_lines(self, seen: Seen, wanted: list[str]) -> list[str]:
        if not wanted:
            return []
        await self.house.rest()
        executions = [seen, *self.house.iterations(seen)]
        lines = [entry.message for one in executions for entry in await self.house.lines(one.id)]
        return [f"no line says {words!r}: {lines[-8:]}" for words in wanted if not says(words, lines)]

    # Executions by name ----------------------------------------------------------------------------------------------

    def id_of(self, action: Action) -> str:
        name = action.get("exec", "e1")
        if name not in self.names and name == "e1" and len(self.names) == 1:
            return next(iter(self.names.values()))
        return self.names[name]

    def seen(self, action: Action) -> Seen:
        return self.house.seen(self.id_of(action))

    def name(self, action: Action, identifier: str) -> None:
        """`as` names what an action makes or finds."""
        name = action.get("as_") or action.get("as")
        if name is not None:
            self.names[name] = identifier

    def check(self, seen: Seen, action: Action) -> None:
        expected = {name: value for name, value in action.items() if name not in EXPECTED}
        self.problems += self.judge.execution(seen, expected)

    # Doing -----------------------------------------------------------------------------------------------------------

    async def tell(self, action: Action, event: Callable[..., engine_events.AnyEvent], **fields: Any) -> Told:
        """An event for the execution that an action is about."""
        identifier = self.id_of(action)
        self.before = self.house.seen(identifier)
        told = await self.house.server.executor.tell(identifier, event(*self.house.server.executor.moment(), **fields))
        self.answer(action, told)
        return told

    def answer(self, action: Action, told: Told) -> None:
        """What the call itself gives, before the executor goes on."""
        wanted = dict(action.get("returns") or {})
        refusal = action.get("error")
        if refusal is not None and told.ignored is None:
            self.problems.append(f"it was not refused with {refusal!r}")
        elif refusal is None and told.ignored is not None:
            self.problems.append(f"it was refused: {told.ignored}")
        elif wanted:
            self.problems += self.answered(told, wanted)

    def answered(self, told: Told, wanted: dict[str, Any]) -> Iterator[str]:
        seen, before = self._as_answered(told), self.before
        if wanted.pop("same_id", True) is True and wanted.pop("new_id", False) and seen.id == before.id:
            yield "the execution has the same id"
        if wanted.pop("taskrun_ids_new", False) and {run.id for run in seen.runs} & {run.id for run in before.runs}:
            yield "task runs have the same ids"
        for each in wanted.get("taskruns", []):
            for key in ("same_taskrun_id", "new_taskrun_id"):
                if each.pop(key, False) and "index" in each:
                    index = each["index"]
                    if (seen.runs[index].id == before.runs[index].id) != (key == "same_taskrun_id"):
                        yield f"task run {index} has not {key}"
        if wanted.get("parentId", "") is None and seen.execution.parent_id is None:
            wanted.pop("parentId")
        yield from self.judge.execution(seen, wanted)

    def _as_answered(self, told: Told) -> Seen:
        """The execution as the verb answered: its rows as they were, with what this decision changed."""
        execution = told.execution
        runs = {run.ord: run for run in self.before.runs} if execution.id == self.before.id else {}
        runs.update(execution.changes.runs)
        gone = set(execution.changes.removed)
        for ord, run in sorted(runs.items()):
            if run.parent in gone:
                gone.add(ord)
        return Seen(execution, [run for ord, run in sorted(runs.items()) if ord not in gone], execution.live)


Verb = Callable[[Play, Action], Awaitable[None]]
