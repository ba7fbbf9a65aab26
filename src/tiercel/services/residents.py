"""Executions in the memory of their one writer, and what each has for the next commit.

Residents that decided something together (a parent and the child it made) form a group and are committed together.
"""

from asyncio import Future, TimerHandle
from collections import OrderedDict, deque
from collections.abc import Iterator
from datetime import datetime

from tiercel.engine import FlowContext
from tiercel.engine.commands import Job, RunInstant
from tiercel.engine.events import AnyEvent, Done, Part, Recorded, Replay, Started, WorkerLost
from tiercel.engine.windows import Collected
from tiercel.model.bounds import LimitKey
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Changes, Execution, Label
from tiercel.model.log import LogEntry
from tiercel.ports.flows import Place
from tiercel.ports.mailbox import Letter
from tiercel.services.creator import Made

KEPT = 4_000
"""How many idle residents are kept for their next event; everything of them is in their rows."""

Attempt = tuple[int, int]
"""The ord of a task run and the number of its attempt."""


class NoSuchExecution(TiercelError):
    def __init__(self, execution_id: str) -> None:
        super().__init__(f"there is no execution {execution_id}")
        self.execution_id = execution_id


class Told:
    """How an execution stood right after an event was decided: the answer to whoever sent the event."""

    __slots__ = ("execution", "ignored")

    def __init__(self, execution: Execution, ignored: str | None = None) -> None:
        self.execution = execution
        self.ignored = ignored
        """Why the event changed nothing."""


class Item:
    """An event from outside on its way to an execution, with whoever waits until what it led to is durable."""

    __slots__ = ("answer", "event", "execution_id", "letter", "made", "refusal", "told", "tries")

    def __init__(
        self,
        execution_id: str,
        event: AnyEvent,
        *,
        answer: Future[Told] | None = None,
        made: Made | None = None,
        letter: Letter | None = None,
    ) -> None:
        self.execution_id = execution_id
        self.event = event
        self.answer = answer
        self.made = made
        """The execution itself, where the event is its creation."""
        self.letter = letter
        """What brought it from another process: a lost one comes again by itself."""
        self.told: Told | None = None
        self.refusal: TiercelError | None = None
        """Why there is no execution to tell it."""
        self.tries = 0

    @property
    def must_be_heard(self) -> bool:
        """Whether nobody would ask for it again: what a worker says of its job, and what comes by letter."""
        return self.letter is not None or isinstance(self.event, Done | Part | Started | WorkerLost)

    @property
    def creates(self) -> bool:
        """Whether it is the first event of its execution."""
        return self.made is not None or isinstance(self.event, Replay)


class Due:
    """A timer is due: it counts only where the execution still has a timer of that name for that instant."""

    __slots__ = ("due", "name")

    def __init__(self, name: str, due: datetime) -> None:
        self.name = name
        self.due = due


Work = Item | AnyEvent | RunInstant | Due


class Group:
    """Residents whose changes belong into one commit, which waits while one of them still needs something."""

    __slots__ = ("members", "needs")

    def __init__(self, first: "Resident") -> None:
        self.members = [first]
        self.needs = 0

    @property
    def is_complete(self) -> bool:
        return not self.needs and not any(member.urgent for member in self.members)


class Window:
    """What a Flow trigger has collected, in memory. Its latest state is written with the next commit."""

    __slots__ = ("changed_by", "collected")

    def __init__(self, collected: Collected | None) -> None:
        self.collected = collected
        self.changed_by: Resident | None = None
        """Whose commit brings the last change: the next one to change it is committed together with that one."""


class Outgoing:
    """What an execution has for the next commit, beside its own changes."""

    __slots__ = (
        "dropped",
        "events",
        "executions",
        "items",
        "jobs",
        "killed",
        "lines",
        "rows",
        "slices",
        "stopped",
        "timers",
        "untimed",
        "windows",
    )

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.events: list[Recorded] = []
        """What was decided, for the history."""
        self.slices: dict[int, int] = {}
        """How many task runs could be created by an event that left more to do, by its place among the events."""
        self.lines: list[tuple[LogEntry, int | None]] = []
        """Log lines, with the ord of the task run."""
        self.jobs: dict[Attempt, Job] = {}
        self.dropped: set[Attempt] = set()
        """Jobs that are over, or forgotten."""
        self.killed: set[Attempt] = set()
        """Jobs whose worker is to stop them and say so."""
        self.stopped: set[Attempt] = set()
        """Jobs that are forgotten and may be with a worker already."""
        self.timers: dict[str, datetime] = {}
        self.untimed: set[str] = set()
        self.windows: dict[tuple[int, str], Window] = {}
        """Windows of Flow triggers that this execution changed, by flow and trigger."""
        self.executions = 0
        """How many others it started: they are committed with it."""
        self.rows = 0
        """About how many rows this will be."""


class Resident:
    """One execution in memory. Only the desk and its carrier change it."""

    __slots__ = (
        "asked",
        "context",
        "execution",
        "flying",
        "group",
        "held",
        "id",
        "is_ignored",
        "is_loading",
        "is_marked",
        "jobs",
        "labels",
        "latest",
        "live",
        "loading_needs",
        "more",
        "outgoing",
        "place",
        "ready",
        "timed",
        "todo",
        "underway",
        "urgent",
        "valued",
    )

    def __init__(self, identifier: str) -> None:
        self.id = identifier
        self.execution: Execution | None = None
        """None while its rows are being read, and where there are none."""
        self.flying: Changes | None = None
        """What the commit under way takes with it."""
        self.context: FlowContext | None = None
        self.place: Place | None = None
        self.is_ignored = False
        """The server was told to ignore it, and it has been told something all the same."""
        self.is_loading = False
        self.loading_needs = 0
        """How many groups wait for the rows."""
        self.todo: deque[Work] = deque()
        """What is still to be decided or run, in order."""
        self.urgent = 0
        """How many of those at its front belong into the commit of a group: no slice is too full for them."""
        self.more = False
        """The slice was full: there is more to decide than `todo` says."""
        self.ready = False
        """Stands in the desk's line."""
        self.outgoing = Outgoing()
        self.group: Group | None = None
        self.held: TimerHandle | None = None
        """Its commit waits a little: for an answer of the world, or the end of a short job."""
        self.underway: set[int] = set()
        """Ords of instant tasks that ask the world."""
        self.asked: set[str] = set()
        """Keys of the questions that the evaluator has."""
        self.jobs: set[Attempt] = set()
        """Jobs sent and not ended: one that was dropped before its commit is not pushed after it."""
        self.timed: set[str] = set()
        """Names of timers that have a row."""
        self.labels: tuple[Label, ...] = ()
        """Labels that have rows to be found by."""
        self.valued: set[int] = set()
        """Ords of loops whose values are stored: they are written once."""
        self.live = True
        """As stored: an end is counted once."""
        self.is_marked = False
        """As stored: there is work that no other row tells of."""
        self.latest: datetime | None = None
        """When the last event happened: times of one execution never go back."""

    @property
    def is_idle(self) -> bool:
        return not (self.todo or self.more or self.underway or self.asked or self.group or self.is_loading)

    @property
    def has_unstored_work(self) -> bool:
        """There is work that nothing stored would wake after a crash.

        An ignored one keeps its mark: it goes on at the first start at which it is ignored no longer.
        """
        execution = self.execution
        if self.is_ignored:
            return self.live
        return bool(self.todo or self.more or self.underway) or (execution is not None and execution.is_marked)

    @property
    def mark_differs(self) -> bool:
        """The mark that is stored says something else."""
        return self.is_marked != self.has_unstored_work


def resident_of(made: Made) -> Resident:
    """A new execution in memory."""
    resident = Resident(made.execution.id)
    resident.execution = made.execution
    resident.context, resident.place = made.deployed.context, made.deployed.stored.place
    return resident


def error_line(execution: Execution, message: str, *, at: datetime) -> LogEntry:
    """Why an execution failed before anything of it ran, for its log."""
    return LogEntry(
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        timestamp=at,
        level="ERROR",
        message=message,
        tenant_id=execution.tenant,
        execution_id=execution.id,
        thread="executor",
    )


class Residents:
    """All residents by id; idle ones leave when there are too many, the longest idle first."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._all: dict[str, Resident] = {}
        self._idle: OrderedDict[str, None] = OrderedDict()

    def __iter__(self) -> Iterator[Resident]:
        return iter(self._all.values())

    def __len__(self) -> int:
        return len(self._all)

    def get(self, identifier: str) -> Resident | None:
        return self._all.get(identifier)

    def known(self, identifier: str) -> Execution | None:
        """An execution, if it is in memory."""
        resident = self._all.get(identifier)
        return None if resident is None else resident.execution

    def children(self, identifier: str) -> list[str]:
        """Those that an execution started and that are not over."""
        executions = self._executions()
        return [execution.id for execution in executions if execution.cause_id == identifier and execution.live]

    def iterations(self, identifier: str) -> list[Execution]:
        """Those that are iterations of its loops, whether they are over or not."""
        executions = self._executions()
        return [each for each in executions if each.iteration is not None and each.parent_id == identifier]

    def within(self, limit: LimitKey) -> list[Execution]:
        """Those that a limit contains, whether they are over or not."""
        executions = self._executions()
        return [each for each in executions if limit.contains(each.tenant, each.namespace, each.flow_id)]

    def _executions(self) -> Iterator[Execution]:
        return (resident.execution for resident in self._all.values() if resident.execution is not None)

    def add(self, resident: Resident) -> None:
        self._all[resident.id] = resident

    def wake(self, resident: Resident) -> None:
        """It has something to do."""
        self._idle.pop(resident.id, None)

    def rest(self, resident: Resident) -> None:
        """Everything of it is in its rows, and it has nothing to do."""
        execution = resident.execution
        if execution is None or not execution.live:
            self.drop(resident)
            return
        self._idle[resident.id] = None
        while len(self._idle) > self._kept:
            self._all.pop(self._idle.popitem(last=False)[0])

    def drop(self, resident: Resident) -> None:
        self._all.pop(resident.id, None)
        self._idle.pop(resident.id, None)

    def clear(self) -> None:
        self._all.clear()
        self._idle.clear()


def join(one: Resident, other: Resident) -> None:
    """Let two residents, and all they are grouped with, be committed together."""
    group = one.group = one.group or Group(one)
    theirs = other.group or Group(other)
    if theirs is group:
        return
    # The smaller one moves: a loop and its iterations join one by one.
    if len(theirs.members) > len(group.members):
        other.group, group, theirs = theirs, theirs, group
    for member in theirs.members:
        member.group = group
    group.members += theirs.members
    group.needs += theirs.needs


def part(resident: Resident) -> None:
    """All that is grouped with a resident is in one commit now: what they decide from here on is another one's."""
    for member in () if resident.group is None else resident.group.members:
        member.group = None


def wait_for(resident: Resident) -> None:
    """Let the commit of a resident, and of all it is grouped with, wait until `go_on` is called as often."""
    group = resident.group = resident.group or Group(resident)
    group.needs += 1


def go_on(resident: Resident) -> None:
    """What the resident waited for is there."""
    if resident.group is not None:
        resident.group.needs -= 1
