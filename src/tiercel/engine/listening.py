"""Which executions a Flow trigger hears, and what it starts when enough has come. Pure.

A trigger is read into *needs*: what an execution may satisfy. Where one execution can satisfy enough of them nothing is
kept; otherwise a window collects (engine.windows). Who calls stores the window and creates the execution.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import regex
from msgspec.structs import replace

from tiercel.engine.conditions import Heard, Scene, all_hold, holds, read_conditions
from tiercel.engine.variables import nested_labels
from tiercel.engine.windows import Collected, Daily, Limits, Seen, collected, limits_of
from tiercel.expression import ExpressionError, is_true, render, to_text
from tiercel.model.conditions import Condition, ExecutionFlow, MultipleCondition
from tiercel.model.flow import Trigger
from tiercel.model.flow_trigger import (
    ExecutionFilter,
    FlowTrigger,
    OnMiss,
    Preconditions,
    Upstream,
    UpstreamFlow,
    Where,
)
from tiercel.model.merging import merged
from tiercel.model.states import TERMINATED, State

BY_DEFAULT = frozenset({*TERMINATED, State.PAUSED})
"""States that a trigger listens to which says nothing of them."""
_WELL = (State.SUCCESS, State.WARNING)
_PATIENCE = 1.0
"""Seconds that a pattern may take."""

Test = Callable[[Heard, Scene], bool]


class Need(msgspec.Struct, frozen=True):
    """Something that an execution may satisfy."""

    key: str
    """Stable for as long as what is written stays the same, whatever stands beside it."""
    holds: Test


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger, read."""

    trigger: Trigger
    states: frozenset[State]
    conditions: tuple[Condition, ...]
    """Must hold for each execution that is to count at all."""
    needs: tuple[Need, ...]
    """None: whatever is heard starts the flow."""
    wanted: int
    """How many of the needs must be satisfied."""
    limits: Limits
    resets: bool = True
    """What was collected is forgotten once it has started something."""
    on_miss: OnMiss | None = None
    """What happens when the window ends and not enough has come."""

    sources: frozenset[tuple[str, str]] | None = None
    """Namespace and id of the flows that are listened to; None: any."""
    asks_for_attempts: bool = False
    """Whether it matters which attempts the tasks of an execution had."""

    @property
    def collects(self) -> bool:
        """Whether it matters what has come before, or when."""
        return self.wanted > 1 or self.on_miss is not None


def read_listening(trigger: Trigger) -> Listening:
    """Raises ValidationError."""
    own = FlowTrigger.model_validate({name: value for name, value in trigger.properties.items() if name in _OWN})
    conditions = read_conditions(trigger)
    multiple = [condition for condition in conditions if isinstance(condition, MultipleCondition)]
    needs = (*_needs_of_multiple(multiple), *_needs_of_upstreams(own), *_needs_of_preconditions(own.preconditions))
    return Listening(
        trigger=trigger,
        states=_states(own),
        conditions=tuple(condition for condition in conditions if not isinstance(condition, MultipleCondition)),
        needs=needs,
        wanted=_wanted(own, len(needs)),
        limits=_limits(own, multiple),
        resets=_resets(own, multiple),
        on_miss=own.on_miss,
        sources=_sources(own, conditions),
        asks_for_attempts="etryAttempt" in trigger.model_dump_json(),
    )


def hear(listening: Listening, heard: Heard, scene: Scene) -> frozenset[str] | None:
    """The keys of what an execution satisfies; None where it does not count. Raises Unanswered.

    A condition that cannot be rendered counts as one that does not hold, as in the original.
    """
    if heard.state not in listening.states or (heard.namespace, heard.flow_id) == (scene.namespace, scene.flow_id):
        return None
    if not _quietly(lambda: _counts(listening, scene)):
        return None
    return frozenset(need.key for need in listening.needs if _quietly(lambda need=need: need.holds(heard, scene)))


class Observed(msgspec.Struct, frozen=True):
    """What comes of an execution that was heard."""

    collected: Collected | None
    """The window from now on; None where there is none."""
    starts: bool = False
    """Whether the flow is to be started."""
    seen: Mapping[str, Seen] = {}
    """What together starts it, by need."""


def observe(
    listening: Listening, known: Collected | None, satisfied: frozenset[str], seen: Seen, *, zone: ZoneInfo
) -> Observed:
    """Add what an execution satisfies to what has come before it."""
    news = dict.fromkeys(satisfied, seen)
    if not listening.collects:
        return Observed(known, len(satisfied) >= listening.wanted, news)
    now = collected(listening.limits, known, seen.at, news, zone=zone) if satisfied else None
    if now is None:
        return Observed(known)
    if len(now.satisfied) < listening.wanted:
        return Observed(now)
    left = {} if listening.resets else now.satisfied
    return Observed(replace(now, satisfied=left, met=seen.at), starts=True, seen=now.satisfied)


def missed(
    listening: Listening, known: Collected | None, *, at: datetime, since: datetime, zone: ZoneInfo
) -> datetime | None:
    """The last deadline, where it has passed since the trigger is there and not enough had come before it."""
    if listening.on_miss is None or not isinstance(listening.limits, Daily):
        return None
    starts, ends = listening.limits.before(at.astimezone(zone))
    is_met = known is not None and known.met is not None and starts <= known.met < ends
    return None if is_met or ends <= since else ends


def merged_outputs(seen: Iterable[Seen]) -> dict[str, Any]:
    """`trigger.outputs`: by flow, and all of them together; of two of one name the later one stays, maps are merged."""
    in_order = sorted({one.execution_id: one for one in seen}.values(), key=lambda one: one.at)
    together: dict[str, Any] = {}
    by_flow: dict[str, Any] = {}
    for one in in_order:
        together = merged(together, one.outputs)
        by_flow[one.flow_id] = merged(by_flow.get(one.flow_id, {}), one.outputs)
    return {**together, **by_flow}


def _counts(listening: Listening, scene: Scene) -> bool:
    disabled, when = listening.trigger.disabled, listening.trigger.when
    if isinstance(disabled, str) and is_true(to_text(render(disabled, scene.names, scene.surroundings))):
        return False
    if when is not None and not is_true(to_text(render(_text(when), scene.names, scene.surroundings))):
        return False
    return all_hold(listening.conditions, scene)


def _quietly(test: Callable[[], bool]) -> bool:
    try:
        return test()
    except ExpressionError:
        return False


def _text(written: str | bool) -> str:
    return str(written).lower() if isinstance(written, bool) else written


# Reading -------------------------------------------------------------------------------------------------------------

_OWN = frozenset(field.alias or name for name, field in FlowTrigger.model_fields.items())


def _states(own: FlowTrigger) -> frozenset[State]:
    """Without words of the trigger itself, also those that one of its upstreams names."""
    if own.states:
        return frozenset(own.states)
    upstreams = (*own.depends_on, *(own.preconditions.flows if own.preconditions else ()))
    return BY_DEFAULT.union(*(upstream.states or () for upstream in upstreams))


def _wanted(own: FlowTrigger, needs: int) -> int:
    if not own.depends_on or own.mode == "ALL":
        return needs
    return 1 if own.mode == "ANY" else min(own.min_satisfied or 1, needs)


def _limits(own: FlowTrigger, multiple: list[MultipleCondition]) -> Limits:
    if own.preconditions is not None:
        return limits_of(own.preconditions.time_window)
    return limits_of(own.window if own.window is not None or not multiple else multiple[0].own_window)


def _resets(own: FlowTrigger, multiple: list[MultipleCondition]) -> bool:
    if own.preconditions is not None:
        return own.preconditions.reset_on_success
    return multiple[0].reset_on_success if multiple else True


def _sources(own: FlowTrigger, conditions: tuple[Condition, ...]) -> frozenset[tuple[str, str]] | None:
    """Which flows alone can matter; None where others might."""
    if own.preconditions is not None and own.preconditions.where:
        return None
    flows = own.preconditions.flows if own.preconditions is not None else own.depends_on
    named = [(flow.namespace, flow.flow_id) for flow in flows]
    named += [(one.namespace, one.flow_id) for one in conditions if isinstance(one, ExecutionFlow)]
    complete = frozenset((namespace, flow_id) for namespace, flow_id in named if namespace and flow_id)
    is_complete = bool(named) and len(complete) == len(set(named))
    return complete if is_complete and not any(isinstance(one, MultipleCondition) for one in conditions) else None


def _needs_of_multiple(multiple: list[MultipleCondition]) -> Iterator[Need]:
    for condition in multiple:
        for name, one in condition.conditions.items():
            yield Need(f"{condition.id}/{name}", lambda _heard, scene, one=one: holds(one, scene))


def _needs_of_upstreams(own: FlowTrigger) -> tuple[Need, ...]:
    needs = {_key(upstream): upstream for upstream in own.depends_on}
    return tuple(Need(key, _is_upstream(upstream, own.states)) for key, upstream in needs.items())


def _needs_of_preconditions(preconditions: Preconditions | None) -> Iterator[Need]:
    if preconditions is None:
        return
    for place, flow in enumerate(preconditions.flows):
        yield Need(f"{preconditions.id}/flow_{place}", _is_flow(flow))
    for where in preconditions.where:
        yield Need(f"{preconditions.id}/{where.id}", _fits(where))


def _key(upstream: Upstream) -> str:
    """From what is written, so that entries may change places."""
    return hashlib.blake2b(upstream.model_dump_json().encode(), digest_size=8).hexdigest()


# Tests of an execution -----------------------------------------------------------------------------------------------


def _is_upstream(upstream: Upstream, states: tuple[State, ...] | None) -> Test:
    accepted = upstream.states or states or _WELL
    labels = {label.label() for label in upstream.labels}

    def test(heard: Heard, scene: Scene) -> bool:
        return (
            upstream.namespace in (None, heard.namespace)
            and upstream.flow_id in (None, heard.flow_id)
            and heard.state in accepted
            and labels <= set(heard.labels)
            and (upstream.when is None or _holds_when(_text(upstream.when), heard, scene))
        )

    return test


def _holds_when(when: str, heard: Heard, scene: Scene) -> bool:
    names = {
        **scene.names,
        "namespace": heard.namespace,
        "flowId": heard.flow_id,
        "state": heard.state.value,
        "labels": nested_labels(heard.labels),
        "outputs": heard.outputs or {},
        "hasRetryAttempt": bool(heard.retried),
    }
    return is_true(to_text(render(when, names, scene.surroundings)))


def _is_flow(flow: UpstreamFlow) -> Test:
    labels = {label.label() for label in flow.labels}
    accepted = frozenset(flow.states) if flow.states else BY_DEFAULT
    return lambda heard, _scene: (
        heard.namespace == flow.namespace
        and flow.flow_id in (None, heard.flow_id)
        and heard.state in accepted
        and labels <= set(heard.labels)
    )


def _fits(where: Where) -> Test:
    enough = all if where.operand == "AND" else any
    return lambda heard, scene: enough(_passes(one, heard, scene) for one in where.filters)


def _passes(one: ExecutionFilter, heard: Heard, scene: Scene) -> bool:
    value = _field(one, heard, scene)
    match one.type:
        case "EQUAL_TO":
            return value == one.value
        case "NOT_EQUAL_TO":
            return value != one.value
        case "IN":
            return value in (one.values or ())
        case "NOT_IN":
            return value not in (one.values or ())
        case "IS_TRUE":
            return value == "true"
        case "IS_FALSE":
            return value == "false"
        case "IS_NULL":
            return value == ""
        case "IS_NOT_NULL":
            return value != ""
        case _:
            return _resembles(one, value)


def _resembles(one: ExecutionFilter, value: str) -> bool:
    wanted = one.value or ""
    match one.type:
        case "STARTS_WITH":
            return value.startswith(wanted)
        case "ENDS_WITH":
            return value.endswith(wanted)
        case "CONTAINS":
            return wanted in value
        case _:
            return regex.fullmatch(wanted, value, timeout=_PATIENCE) is not None


def _field(one: ExecutionFilter, heard: Heard, scene: Scene) -> str:
    match one.field:
        case "FLOW_ID":
            return heard.flow_id
        case "NAMESPACE":
            return heard.namespace
        case "STATE":
            return heard.state.value
        case "EXPRESSION":
            return to_text(render(one.value or "", scene.names, scene.surroundings))
