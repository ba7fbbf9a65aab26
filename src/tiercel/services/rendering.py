"""Renders the expressions of one job. What they ask of the world is answered by the host, then they are rendered again."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from tiercel.engine.messages import Job
from tiercel.expression import AnsweredHost, ExpressionError, Failed, HostCall, Surroundings, Unanswered, render
from tiercel.sdk import Plugin, RunInfo
from tiercel.services.masking import Masker
from tiercel.services.prepared import Prepared

MOST_QUESTIONS = 1000
"""How often one job may ask the world: a loop over a million keys is a mistake."""
_SECRET_FUNCTIONS = frozenset({"secret", "credential", "decrypt"})

PluginT = TypeVar("PluginT", bound=Plugin)
ResultT = TypeVar("ResultT")


class World(Protocol):
    """Answers calls of expressions."""

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        """The value of one call. Raises ExpressionError where there is none."""
        ...


class JobRendering:
    """One job's variables, dice, secrets and the answers it has got so far."""

    def __init__(self, job: Job, *, world: World | None = None, info: RunInfo | None = None) -> None:
        self.variables = job.variables
        self.masker = Masker()
        self._at: datetime = job.at
        self._zone = ZoneInfo(job.zone)
        self._seed = job.seed
        self._task_run = job.task_run_id
        self._world = world
        self._info = info
        self._answers: dict[str, Any] = {}
        self._parts = 0

    def build(self, prepared: Prepared[PluginT]) -> PluginT:
        """The task with its properties rendered. Raises Unanswered where the world is asked."""
        built = prepared.build(self.variables, self.surroundings())
        for secret in prepared.secrets(built):
            self.masker.add(secret)
        return built

    def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Texts within a value rendered to texts. Raises Unanswered where the world is asked."""
        return self._renderer(value, extra)()

    async def build_with_answers(self, prepared: Prepared[PluginT]) -> PluginT:
        return await self._with_answers(lambda: self.build(prepared))

    async def render_with_answers(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        return await self._with_answers(self._renderer(value, extra))

    def surroundings(self, *, part: int = 0) -> Surroundings:
        """New ones for each attempt, so that random functions draw the same again; other parts of a job draw others."""
        task_run = f"{self._task_run}/{part}" if part else self._task_run
        return Surroundings(
            at=self._at, zone=self._zone, seed=self._seed, task_run=task_run, host=AnsweredHost(self._answers)
        )

    def _renderer(self, value: Any, extra: Mapping[str, Any] | None) -> Callable[[], Any]:
        variables = _Layered(extra, self.variables) if extra else self.variables
        self._parts += 1
        part = self._parts
        return lambda: render(value, variables, self.surroundings(part=part))

    async def _with_answers(self, attempt: Callable[[], ResultT]) -> ResultT:
        for _ in range(MOST_QUESTIONS):
            try:
                return attempt()
            except Unanswered as question:
                await self._ask(question.call)
        raise ExpressionError("limit", f"the expressions of a task may ask the world {MOST_QUESTIONS} times")

    async def _ask(self, call: HostCall) -> None:
        if self._world is None or self._info is None:
            raise ExpressionError("host", f"{call.function}() cannot be called here")
        try:
            answer = await self._world.answer(call, self._info)
        except ExpressionError as error:
            answer = Failed(error.message, error.kind)
        if call.function in _SECRET_FUNCTIONS and isinstance(answer, str):
            self.masker.add(answer)
        self._answers[call.key] = answer


class _Layered(Mapping[str, Any]):
    """Some variables in front of others, without a copy: the others may be built only when they are named."""

    def __init__(self, front: Mapping[str, Any], back: Mapping[str, Any]) -> None:
        self._front, self._back = front, back

    def __getitem__(self, name: str) -> Any:
        return self._front[name] if name in self._front else self._back[name]

    def __iter__(self) -> Iterator[str]:
        yield from self._front
        yield from (name for name in self._back if name not in self._front)

    def __len__(self) -> int:
        return sum(1 for _ in self)
