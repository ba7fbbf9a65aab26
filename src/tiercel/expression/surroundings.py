"""What a rendering may know besides its context: the instant, the zone, the dice, the limits, and the world as a host.

The world is asked through `Host.call` and nowhere else. The calls and their arguments (always all of them, null where
the author wrote nothing; `namespace` is the flow's when not written):

secret(key, namespace) → text · kv(key, namespace, inherit, errorOnMissing) → value
read(path, namespace, revision) → text · fileSize, fileExists, isFileEmpty(path, namespace) → number, boolean
http(uri, method, query, body, contentType, headers, options, accept) → parsed body · errorLogs() → list
subflow(namespace, id, inputs, revision, labels, timeout) → map · randomPort(number) → number
encrypt(key, plaintext), decrypt(key, encrypted) → text · isPublicHoliday(date, countryCode, subDivision) → boolean
appLink(appId, baseUrl), credential(name) → text
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, NoReturn, Protocol
from zoneinfo import ZoneInfo

import msgspec

from tiercel.expression.budgets import Budget
from tiercel.expression.dialect import Dialect
from tiercel.expression.errors import ExpressionError, Kind
from tiercel.expression.ion import write_ion
from tiercel.expression.meter import Meter
from tiercel.expression.values import Value
from tiercel.model.masking import Masker

MASKED = "******"
_SECRET = frozenset({"secret", "credential", "decrypt"})


class Host(Protocol):
    """The world, as far as expressions may ask it."""

    def call(self, function: str, arguments: Mapping[str, Value]) -> Value:
        """The answer to one call. Raises ExpressionError where there is none."""
        ...


class HostCall(msgspec.Struct, frozen=True):
    """One question to the world."""

    function: str
    arguments: dict[str, Any]
    name: str | None = None
    """Stands for the arguments in the key, where they are too large for one."""

    @property
    def key(self) -> str:
        """The same text for the same question, whatever the order of the arguments. Ion, because it keeps every null."""
        if self.name is not None:
            return f"{self.function}({self.name})"
        entries = (f"{name}={write_ion(self.arguments[name])}" for name in sorted(self.arguments))
        return f"{self.function}({', '.join(entries)})"


class Failed(msgspec.Struct, frozen=True):
    """An answer that says why there is none."""

    message: str
    kind: Kind = "host"


class Unanswered(Exception):
    """An expression needs an answer that nobody has yet: ask for it, then render again. No `??` catches this."""

    def __init__(self, call: HostCall) -> None:
        super().__init__(call.key)
        self.call = call


class NoHost:
    """A world that answers nothing: for places where expressions must be pure."""

    def call(self, function: str, arguments: Mapping[str, Value]) -> NoReturn:
        raise ExpressionError("host", f"{function}() cannot be called here: this expression may not ask the world")


class MaskedHost:
    """Another world, with stars for what is secret: for previews, whose text somebody sees."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def call(self, function: str, arguments: Mapping[str, Value]) -> Value:
        return MASKED if function in _SECRET else self._host.call(function, arguments)


class AnsweredHost:
    """A world known from earlier answers (by the key of the call); what is not among them raises `Unanswered`."""

    def __init__(self, answers: Mapping[str, Value]) -> None:
        self._answers = answers

    def call(self, function: str, arguments: Mapping[str, Value]) -> Value:
        return self.ask(HostCall(function, dict(arguments)))

    def ask(self, call: HostCall) -> Value:
        """The answer to a call that is made already."""
        try:
            answer = self._answers[call.key]
        except KeyError:
            raise Unanswered(call) from None
        if isinstance(answer, Failed):
            raise ExpressionError(answer.kind, answer.message)
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything a rendering may know besides its context. Make a new one for each attempt at a piece of work.

    Random functions draw from (seed, task run, number of the call): rendering the same texts in the same order with
    new surroundings of the same seed gives the same values.
    """

    at: datetime
    """What `now()` is. Aware."""
    zone: ZoneInfo
    """The server's zone."""
    seed: int
    """128 random bits."""
    task_run: str = ""
    host: Host = field(default_factory=NoHost)
    budget: Budget = field(default_factory=Budget)
    dialect: Dialect | None = None
    """The version of the language; None: that in which the template was compiled."""
    left_out: Mapping[str, Collection[str]] = field(default_factory=dict[str, Collection[str]])
    """Names that the context was not given because no expression means them, by the path of what holds them.

    An error says them where a name that is meant is not there."""
    locale: str = "en_US"
    """The language of names in dates and of number formats."""
    calls: Iterator[int] = field(default_factory=count)
    """Numbers the calls of random functions."""
    stopwatch: Callable[[], float] | None = None
    """Seconds gone by since some moment: the core has no clock, and regular expressions have a limit in time."""
    secrets: Masker = field(default_factory=Masker)
    """Hides in error messages what `secret()` and the like have answered, and whatever else it is told of."""
    meter: Meter = field(init=False)
    """What was used so far."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "meter", Meter(self.budget))
