"""Renders the expressions of one job. What they ask of the world is answered by the host, then they are rendered again."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from time import thread_time
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from tiercel.engine.commands import Job
from tiercel.expression import AnsweredHost, ExpressionError, Failed, HostCall, Surroundings, Unanswered, render
from tiercel.model.masking import SECRET_FUNCTIONS, Masker
from tiercel.model.sealed import NO_KEY, Cipher, opened, sealing
from tiercel.model.spilled import RECALL, filled, holds_spilled, references
from tiercel.sdk import Plugin, RunInfo, TaskFailed
from tiercel.services.prepared import Prepared

MOST_QUESTIONS = 1000
"""How often one job may ask the world: a loop over a million keys is a mistake."""
_HIDDEN_IN_LOGS = SECRET_FUNCTIONS | {"kv"}

PluginT = TypeVar("PluginT", bound=Plugin)
ResultT = TypeVar("ResultT")


class World(Protocol):
    """Answers calls of expressions."""

    async def answer(self, call: HostCall, info: RunInfo) -> Any:
        """The value of one call. Raises ExpressionError where there is none."""
        ...


class JobRendering:
    """One job's variables, dice, secrets and the answers it has got so far."""

    def __init__(
        self,
        job: Job,
        *,
        cipher: Cipher | None = None,
        world: World | None = None,
        info: RunInfo | None = None,
        working_dir: Callable[[], Path] | None = None,
    ) -> None:
        """`working_dir` is asked only where an expression names `workingDir`."""
        self._working_dir = working_dir
        self.masker = Masker()
        self._job = job
        self._cipher = cipher
        self._sealing = sealing(cipher, job.seed, job.task_run_id, job.attempt) if cipher else None
        self._at: datetime = job.at
        self._zone = ZoneInfo(job.zone)
        self._seed = job.seed
        self._task_run = job.task_run_id
        self._world = world
        self._info = info
        self._answers: dict[str, Any] = {}
        self._given: Mapping[str, Any] = job.variables
        self._is_whole = False
        self._parts = 0

    @cached_property
    def variables(self) -> Mapping[str, Any]:
        """What expressions may name. Encrypted values are clear here, and masked from now on."""
        cipher, working_dir = self._cipher, self._working_dir
        variables = self._given
        if cipher is not None:
            variables = opened(variables, lambda text: self._masked(cipher.decrypt(text)))
        return variables if working_dir is None else _Layered(_Folder(working_dir), variables)

    def encrypt(self, text: str) -> Mapping[str, Any]:
        """The text as outputs may hold it. Raises TaskFailed where there is no key."""
        if self._sealing is None:
            raise TaskFailed(f"nothing can be encrypted: {NO_KEY}")
        return self._sealing(self._masked(text))

    def _masked(self, text: str) -> str:
        """The text, hidden in all that the run writes."""
        self.masker.add(text)
        return text

    def build(self, prepared: Prepared[PluginT]) -> PluginT:
        """The task with its properties rendered. Raises Unanswered where the world is asked."""
        return self._built(prepared, self.variables)

    def _built(self, prepared: Prepared[PluginT], variables: Mapping[str, Any]) -> PluginT:
        built = prepared.build(variables, self.surroundings())
        for secret in prepared.secrets(built):
            self.masker.add(secret)
        return built

    def render(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        """Texts within a value rendered to texts. Raises Unanswered where the world is asked."""
        return self._renderer(value, extra)()

    async def build_with_answers(self, prepared: Prepared[PluginT]) -> PluginT:
        return await self._with_answers(lambda: self.build(prepared))

    async def build_for_cache(self, prepared: Prepared[PluginT]) -> PluginT:
        """The same task in whichever folder: what of it decides whether its outputs can be used again."""
        variables = _Layered({_Folder.name: _Folder.name}, self.variables)
        return await self._with_answers(lambda: self._built(prepared, variables))

    async def render_with_answers(self, value: Any, extra: Mapping[str, Any] | None = None) -> Any:
        return await self._with_answers(self._renderer(value, extra))

    def surroundings(self, *, part: int = 0) -> Surroundings:
        """New ones for each attempt, so that random functions draw the same again; other parts of a job draw others."""
        task_run = f"{self._task_run}/{part}" if part else self._task_run
        return Surroundings(
            at=self._at,
            zone=self._zone,
            dialect=self._job.dialect,
            left_out=self._job.left_out,
            seed=self._seed,
            task_run=task_run,
            host=AnsweredHost(self._answers),
            secrets=self.masker,
            stopwatch=thread_time,
        )

    def _renderer(self, value: Any, extra: Mapping[str, Any] | None) -> Callable[[], Any]:
        variables = _Layered(extra, self.variables) if extra else self.variables
        self._parts += 1
        part = self._parts
        return lambda: render(value, variables, self.surroundings(part=part))

    async def _with_answers(self, attempt: Callable[[], ResultT]) -> ResultT:
        if not self._is_whole:
            self._given, self._is_whole = await self._recalled(self._given), True
        for _ in range(MOST_QUESTIONS):
            try:
                return attempt()
            except Unanswered as question:
                await self._ask(question.call)
        raise ExpressionError("limit", f"the expressions of a task may ask the world {MOST_QUESTIONS} times")

    async def _recalled(self, variables: Mapping[str, Any]) -> Mapping[str, Any]:
        """The variables with what lies in internal storage: a job has but those that its expressions name."""
        while holds_spilled(variables):
            uris = set(references(variables))
            documents = {uri: await self._answered(HostCall(RECALL, {"uri": uri})) for uri in uris}
            variables = filled(variables, documents.__getitem__)
        return variables

    async def _ask(self, call: HostCall) -> None:
        try:
            answer = await self._answered(call)
        except ExpressionError as error:
            answer = Failed(error.message, error.kind)
        if call.function in _HIDDEN_IN_LOGS and not isinstance(answer, Failed):
            self.masker.add_texts(answer)
        self._answers[call.key] = answer

    async def _answered(self, call: HostCall) -> Any:
        if self._world is None or self._info is None:
            raise ExpressionError("host", f"{call.function}() cannot be called here")
        return await self._world.answer(call, self._info)


class _Folder(Mapping[str, Any]):
    """The one variable that makes the working folder when it is named."""

    name = "workingDir"

    def __init__(self, working_dir: Callable[[], Path]) -> None:
        self._working_dir = working_dir

    def __getitem__(self, name: str) -> Any:
        if name != self.name:
            raise KeyError(name)
        return str(self._working_dir())

    def __contains__(self, name: object) -> bool:
        return name == self.name

    def __iter__(self) -> Iterator[str]:
        yield self.name

    def __len__(self) -> int:
        return 1


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
