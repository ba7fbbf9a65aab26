"""Tells listening flows of the states that executions enter, and starts what they want: in the commit of that very state.

What is decided (does the trigger hear it, has enough come) is engine.listening's; here are the world's answers, the
windows in memory, and the executions that come of it.
"""

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, NamedTuple, Protocol

import msgspec

from tiercel.engine.conditions import Scene
from tiercel.engine.listening import hear, merged_outputs, observe
from tiercel.engine.variables import HOLD_OUTPUTS
from tiercel.engine.windows import Collected, Seen
from tiercel.expression import AnsweredHost, ExpressionError, Failed, HostCall, Surroundings, Unanswered, render_typed
from tiercel.model.dynamic import of_the_flow
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Execution, Kind, Label, TriggerInfo
from tiercel.model.ids import caused_execution_id, shard_of
from tiercel.model.sealed import Opened, plain
from tiercel.model.spilled import KEEP, RECALL, REFERENCE, Recalled, is_spilled
from tiercel.model.task_run import TaskRun
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.journal import Journal
from tiercel.sdk import RunInfo
from tiercel.services.creator import BlockedByChecks, Creator, InvalidInputs, Made, NotInMemory, Wish
from tiercel.services.departures import Departures
from tiercel.services.evaluator import Evaluator
from tiercel.services.listeners import Listener, Listeners
from tiercel.services.records import CORRELATION, read_run
from tiercel.services.residents import Resident, Window, Work, error_line, go_on, join, resident_of, wait_for
from tiercel.services.upstream import (
    Entered,
    at_hand,
    entered,
    heard,
    names,
    outputs_named,
    rendered_labels,
    trigger_variables,
)

log = logging.getLogger(__name__)

_collected = msgspec.json.Decoder(Collected)


class Desk(Protocol):
    """What is needed of services.desk."""

    @property
    def departures(self) -> Departures: ...
    def adopt(self, resident: Resident, first: Work) -> None: ...
    def pump(self) -> None: ...


class Announcer:
    """Works for the one desk that calls it."""

    def __init__(
        self,
        *,
        listeners: Listeners,
        creator: Creator,
        evaluator: Evaluator,
        journal: Journal,
        clock: Clock,
        dice: Dice,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._listeners = listeners
        self._creator = creator
        self._evaluator = evaluator
        self._journal = journal
        self._clock = clock
        self._dice = dice
        self._spawn = spawn
        self._windows: dict[tuple[int, str], Window] = {}

    def announce(self, desk: Desk, resident: Resident, before: Execution) -> None:
        """Tell of every state that an execution entered since it was like this."""
        execution = resident.execution
        if execution is None or execution.state is before.state or execution.kind is not Kind.NORMAL:
            return
        listeners = list(self._listeners.of(execution.tenant, execution.namespace, execution.flow_id))
        if not listeners:
            return
        for place, moment in entered(before.state, execution.state):
            for listener in listeners:
                self._tell(desk, Entered(resident, execution, moment, place), listener)

    def forget(self) -> None:
        """Memory can no longer be trusted: windows are read again."""
        self._windows.clear()

    # Hearing ---------------------------------------------------------------------------------------------------------

    def _tell(self, desk: Desk, entered: Entered, listener: Listener) -> None:
        needs_rows = listener.listening.asks_for_attempts or bool(outputs_named(listener.listening))
        needs_rows = needs_rows or is_spilled(entered.execution.outputs)
        if not needs_rows and (not listener.listening.collects or _key(listener) in self._windows):
            try:
                return self._hear(desk, entered, listener, _Known(at_hand(entered.execution), {}))
            except (Unanswered, NotInMemory):
                pass
        desk.departures.hold(entered.resident)
        wait_for(entered.resident)
        self._spawn(self._tell_later(desk, entered, listener))
        return None

    async def _tell_later(self, desk: Desk, entered: Entered, listener: Listener) -> None:
        """The same, asking rows and the world as often as it takes."""
        await self._load_window(listener)
        entered = await self._with_outputs(entered, listener)
        known = _Known(await self._runs(entered, listener), {})
        while True:
            try:
                self._hear(desk, entered, listener, known)
                break
            except Unanswered as question:
                info = _info(listener, self._asks_for(question.call, entered, listener))
                known.answers[question.call.key] = await self._evaluator.answer(question.call, info)
            except NotInMemory:
                log.warning("flow %s is gone that listens", listener.deployed.flow.id)
                break
        go_on(entered.resident)
        desk.pump()

    def _hear(self, desk: Desk, entered: Entered, listener: Listener, known: "_Known") -> None:
        listening = listener.listening
        scene = self._scene(entered, listener, known)
        heard = scene.heard
        satisfied = None if heard is None else hear(listening, heard, scene)
        if satisfied is None:
            return
        execution = entered.execution
        seen = Seen(entered.moment.date, execution.id, execution.flow_id, execution.outputs or {})
        window = self._windows.get(_key(listener))
        zone = listener.deployed.context.world.zone
        observed = observe(listening, window and window.collected, satisfied, seen, zone=zone)
        # The execution is made before the window is changed: making it may ask the world, and then all begins again.
        made = self._made(entered, listener, known, observed.seen) if observed.starts else None
        if window is not None and observed.collected is not window.collected:
            self._change(entered.resident, _key(listener), window, observed.collected)
        if made is not None:
            self._begin(desk, entered.resident, made)

    async def _with_outputs(self, entered: Entered, listener: Listener) -> Entered:
        """What an execution gave is copied into what it starts, also where it lies in internal storage."""
        execution = entered.execution
        if not is_spilled(execution.outputs) or execution.outputs is None:
            return entered
        call = HostCall(RECALL, {"uri": execution.outputs[REFERENCE]})
        found = await self._evaluator.answer(call, _info(listener, execution.id))
        if isinstance(found, Failed):
            log.warning("the outputs of execution %s cannot be read: %s", execution.id, found.message)
            found = None
        return entered._replace(execution=msgspec.structs.replace(execution, outputs=found))

    def _change(self, resident: Resident, key: tuple[int, str], window: Window, collected: Collected | None) -> None:
        if window.changed_by is not None:
            join(resident, window.changed_by)
        window.collected, window.changed_by = collected, resident
        resident.outgoing.windows[key] = window

    async def _load_window(self, listener: Listener) -> None:
        if listener.listening.collects:
            await self.window(listener)

    async def window(self, listener: Listener) -> Window:
        """What a trigger has collected; read where it is not in memory."""
        key = _key(listener)
        if key not in self._windows:
            row = await self._journal.window(*key)
            found = None if row is None else _collected.decode(row.satisfied)
            self._windows.setdefault(key, Window(found))
        return self._windows[key]

    async def _runs(self, entered: Entered, listener: Listener) -> Mapping[int, TaskRun]:
        """The task runs that matter, by ord: rows, and what is newer in memory."""
        context = entered.resident.context
        named = outputs_named(listener.listening)
        if context is None or not (named or listener.listening.asks_for_attempts):
            return at_hand(entered.execution)
        wanted = sorted(context.nodes) if listener.listening.asks_for_attempts else sorted(named & context.nodes.keys())
        rows = await self._journal.ended_runs(entered.execution.id, wanted)
        stored = {run.ord: run for run, _ in map(read_run, rows)}
        return {**of_the_flow(stored), **at_hand(entered.execution)}

    # What it sees ----------------------------------------------------------------------------------------------------

    def _scene(self, entered: Entered, listener: Listener, known: "_Known") -> Scene:
        flow, world = listener.deployed.flow, listener.deployed.context.world
        host = AnsweredHost(known.answers)
        surroundings = Surroundings(
            at=entered.moment.date,
            zone=world.zone,
            dialect=world.dialect,
            seed=self._dice.roll(),
            host=host,
            stopwatch=world.stopwatch,
        )
        seen = trigger_variables(entered, known.runs, outputs=entered.execution.outputs or {})
        return Scene(
            names=_recalled(names(entered, listener, known.runs, seen), host),
            surroundings=surroundings,
            namespace=flow.namespace,
            flow_id=flow.id,
            heard=heard(entered, known.runs),
        )

    # What comes of it ------------------------------------------------------------------------------------------------

    def _made(
        self, entered: Entered, listener: Listener, known: "_Known", seen: Mapping[str, Seen]
    ) -> tuple[Made, str | None] | None:
        trigger, execution = listener.listening.trigger, entered.execution
        outputs = merged_outputs(seen.values()) if seen else (execution.outputs or {})
        variables = trigger_variables(entered, known.runs, outputs=outputs)
        wish = self._wish(entered, listener, variables)
        scene = self._scene(entered, listener, known)
        own_names = names(entered, listener, known.runs, variables)
        seen_names = _clear(_recalled(own_names, AnsweredHost(known.answers)), listener)
        try:
            labels, notes = rendered_labels(listener, seen_names, scene.surroundings)
            inputs = plain(render_typed(trigger.inputs or {}, seen_names, scene.surroundings))
            wish = msgspec.structs.replace(wish, inputs=inputs, labels=(*wish.labels, *labels), notes=notes)
            return self._creator.make_now(wish, answers=known.answers), None
        except (InvalidInputs, ExpressionError, BlockedByChecks) as error:
            return self._creator.make_failed(wish), f"the inputs of trigger `{trigger.id}` do not fit: {error}"
        except NotInMemory:
            raise
        except TiercelError as error:
            log.warning("trigger %s of flow %s starts nothing: %s", trigger.id, wish.flow_id, error)
            return None

    def _asks_for(self, call: HostCall, entered: Entered, listener: Listener) -> str:
        """What the new execution is given lies in its own folder; all else is asked for the one that is heard."""
        return _started(entered, listener) if call.function == KEEP else entered.execution.id

    def _wish(self, entered: Entered, listener: Listener, variables: dict[str, Any]) -> Wish:
        flow, trigger, execution = listener.deployed.flow, listener.listening.trigger, entered.execution
        correlation = next((label.value for label in execution.labels if label.key == CORRELATION), execution.id)
        return Wish(
            tenant=execution.tenant,
            namespace=flow.namespace,
            flow_id=flow.id,
            labels=(Label(CORRELATION, correlation),),
            # As in the original: a trigger that gives no inputs is not held to those of the flow.
            is_unattended=trigger.inputs is None,
            origin="trigger",
            trigger=TriggerInfo(trigger.id, trigger.type, variables),
            id=_started(entered, listener),
            cause_id=execution.id,
        )

    def _begin(self, desk: Desk, by: Resident, made: tuple[Made, str | None]) -> None:
        """Let it begin, committed together with the state that started it."""
        source, error = made
        child = resident_of(source)
        if error is not None:
            child.outgoing.lines.append((error_line(source.execution, error, at=self._clock.now()), None))
        join(by, child)
        desk.adopt(child, source.created(self._clock.now(), self._dice.roll()))


class _Known(NamedTuple):
    runs: Mapping[int, TaskRun]
    """Task runs of the execution that is heard, by ord."""
    answers: dict[str, Any]
    """Of the world, by the key of the call."""


def _recalled(names: Mapping[str, Any], host: AnsweredHost) -> Mapping[str, Any]:
    """The names with what lies in internal storage: it is asked for where something in it is named."""
    return Recalled(names, lambda uri: host.call(RECALL, {"uri": uri}), only=HOLD_OUTPUTS)


def _clear(names: Mapping[str, Any], listener: Listener) -> Mapping[str, Any]:
    """The names with encrypted outputs in clear: what becomes a secret again is encrypted anew."""
    cipher = listener.deployed.context.world.cipher
    return Opened(names, cipher.decrypt) if cipher else names


def _key(listener: Listener) -> tuple[int, str]:
    return listener.deployed.stored.place.flow, listener.listening.trigger.id


def _started(entered: Entered, listener: Listener) -> str:
    """The id of the execution that this state starts in this flow."""
    flow, execution = listener.deployed.flow, entered.execution
    cause = ("flow", execution.id, entered.place, flow.namespace, flow.id, listener.listening.trigger.id)
    at = int(entered.moment.date.timestamp() * 1000)
    return caused_execution_id(at, shard=shard_of(execution.id), cause=cause)


def _info(listener: Listener, execution_id: str) -> RunInfo:
    flow = listener.deployed.flow
    return RunInfo(
        tenant=listener.deployed.stored.tenant,
        namespace=flow.namespace,
        flow_id=flow.id,
        flow_revision=listener.deployed.stored.revision,
        execution_id=execution_id,
    )
