"""What is asked of triggers besides searching them: switched off and on, unlocked, restarted, forgotten; backfills steered.

Each verb on one trigger answers with its state; on several, by their names or by a search, it is an operation that goes
on in the background (`GET operations/{operationId}`).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec
from starlette.responses import Response

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.execution_bulk import Begun
from tiercel.api.problems import ApiError
from tiercel.api.routing import JSON, route
from tiercel.api.triggers import FIELDS, ApiTriggerState, shown
from tiercel.model.trigger import TriggerId, TriggerState
from tiercel.ports.triggers import TriggerStore
from tiercel.services.backfills import Backfills
from tiercel.services.operations import Operations, Step
from tiercel.services.switches import Switches

_ONE = "/triggers/{namespace}/{flowId}/{triggerId}"
_METHODS = {"pause": "PUT", "unpause": "PUT", "delete": "POST"}
"""The verbs on the backfill of one trigger."""
PAGE = 500
"""Triggers of a search that are read together."""
H = TypeVar("H", bound=Callable[..., Any])


class Named(TriggerId, frozen=True, rename="camel"):
    """A trigger by its flow and id."""


class Disabling(TriggerId, frozen=True, rename="camel"):
    disabled: bool


class DisablingAll(msgspec.Struct, frozen=True):
    triggers: Annotated[list[Named], msgspec.Meta(min_length=1)]
    disabled: bool


class DisablingQuery(msgspec.Struct, frozen=True):
    disabled: bool = True


class TriggerVerb(NamedTuple):
    """Something that may be asked of triggers."""

    name: str
    ask: Callable[[str, TriggerId], Awaitable[Any]]
    fits: Callable[[TriggerState], bool]
    """Whether a trigger that a search finds is meant: there is nothing to do for the others."""


def _each_backfill(path: str, words: str, *, method: str | None = None, **facts: Any) -> Callable[[H], H]:
    """A route for each verb on backfills."""

    def mark(handler: H) -> H:
        for verb, own in _METHODS.items():
            operation = f"{verb}Backfill{words}"
            handler = route(method or own, f"/triggers/backfill/{verb}{path}", operation=operation, **facts)(handler)
        return handler

    return mark


class TriggerVerbs:
    """The routes of verbs on triggers."""

    def __init__(
        self, *, store: TriggerStore, switches: Switches, backfills: Backfills, operations: Operations
    ) -> None:
        self._store = store
        self._switches = switches
        self._backfills = backfills
        self._operations = operations
        self._unlock = TriggerVerb("unlock", switches.unlock, _is_locked)
        self._forget = TriggerVerb("delete", switches.forget, _always)
        self._of_backfills = {
            "pause": TriggerVerb("pause", backfills.pause, _has_backfill),
            "unpause": TriggerVerb("unpause", backfills.unpause, _has_backfill),
            "delete": TriggerVerb("delete", backfills.delete, _has_backfill),
        }

    # One -------------------------------------------------------------------------------------------------------------

    @route(
        "PUT",
        "/triggers/set-disabled",
        operation="disableTriggerById",
        accepts=(JSON,),
        body=Disabling,
        answers=ApiTriggerState,
    )
    async def set_disabled(self, call: Call) -> Response:
        """Switch a trigger off, or on again: from the next date on"""
        wanted = await call.json(Disabling)
        return json_answer(shown(await self._switch(wanted.disabled).ask(call.tenant, _plain(wanted))))

    @route("POST", _ONE + "/unlock", operation="unlockTrigger", answers=ApiTriggerState)
    async def unlock(self, call: Call) -> Response:
        """Let a trigger go on without waiting for the execution it started"""
        return json_answer(shown(await self._switches.unlock(call.tenant, _of_path(call))))

    @route("POST", _ONE + "/restart", operation="restartTrigger", answers=ApiTriggerState)
    async def restart(self, call: Call) -> Response:
        """Let a trigger begin anew, as if it had just been deployed"""
        return json_answer(shown(await self._switches.restart(call.tenant, _of_path(call))))

    @route("DELETE", _ONE, operation="deleteTrigger")
    async def delete(self, call: Call) -> Response:
        """Forget the state of a trigger"""
        await self._switches.forget(call.tenant, _of_path(call))
        return Response(status_code=204)

    @_each_backfill("", "", accepts=(JSON,), body=Named, answers=ApiTriggerState)
    async def steer_backfill(self, call: Call) -> Response:
        """Let a backfill stop for now, go on, or give it up"""
        trigger = _plain(await call.json(Named))
        return json_answer(shown(await self._backfill_verb(call).ask(call.tenant, trigger)))

    # Several, by their names -----------------------------------------------------------------------------------------

    @route(
        "POST",
        "/triggers/set-disabled/by-triggers",
        operation="disabledTriggersByIds",
        accepts=(JSON,),
        body=DisablingAll,
        answers=Begun,
    )
    async def set_disabled_by_names(self, call: Call) -> Response:
        """Switch triggers off or on, by their names"""
        wanted = await call.json(DisablingAll)
        return await self._begun_by_names(call, self._switch(wanted.disabled), wanted.triggers)

    @route(
        "POST",
        "/triggers/unlock/by-triggers",
        operation="unlockTriggersByIds",
        accepts=(JSON,),
        body=list[Named],
        answers=Begun,
    )
    async def unlock_by_names(self, call: Call) -> Response:
        """Unlock triggers, by their names"""
        return await self._begun_by_names(call, self._unlock, await call.json(list[Named]))

    @route(
        "DELETE",
        "/triggers/delete/by-triggers",
        operation="deleteTriggersByIds",
        accepts=(JSON,),
        body=list[Named],
        answers=Begun,
    )
    async def delete_by_names(self, call: Call) -> Response:
        """Forget the states of triggers, by their names"""
        return await self._begun_by_names(call, self._forget, await call.json(list[Named]))

    @_each_backfill("/by-triggers", "ByIds", method="POST", accepts=(JSON,), body=list[Named], answers=Begun)
    async def steer_backfills_by_names(self, call: Call) -> Response:
        """Let backfills stop for now, go on, or give them up, by the names of their triggers"""
        return await self._begun_by_names(call, self._backfill_verb(call), await call.json(list[Named]))

    # All that a search finds -----------------------------------------------------------------------------------------

    @route(
        "POST",
        "/triggers/set-disabled/by-query",
        operation="disabledTriggersByQuery",
        query=DisablingQuery,
        filters=FIELDS,
        answers=Begun,
    )
    async def set_disabled_by_query(self, call: Call) -> Response:
        """Switch all triggers off or on that a search finds"""
        return await self._begun_by_query(call, self._switch(call.query(DisablingQuery).disabled))

    @route("POST", "/triggers/unlock/by-query", operation="unlockTriggersByQuery", filters=FIELDS, answers=Begun)
    async def unlock_by_query(self, call: Call) -> Response:
        """Unlock all triggers that a search finds"""
        return await self._begun_by_query(call, self._unlock)

    @route(
        "DELETE",
        "/triggers/delete/by-query",
        operation="deleteTriggersByQuery",
        accepts=(JSON,),
        body=dict[str, Any],
        filters=FIELDS,
        answers=Begun,
    )
    async def delete_by_query(self, call: Call) -> Response:
        """Forget the states of all triggers that a search finds"""
        if await call.text() and (await call.json(dict[str, Any])).get("filters"):
            # To overlook them would forget every trigger there is.
            raise ApiError("invalid-argument", "filters in the body are not read: give them in the query")
        return await self._begun_by_query(call, self._forget)

    @_each_backfill("/by-query", "ByQuery", method="POST", filters=FIELDS, answers=Begun)
    async def steer_backfills_by_query(self, call: Call) -> Response:
        """Let the backfills of all triggers that a search finds stop for now, go on, or give them up"""
        return await self._begun_by_query(call, self._backfill_verb(call))

    # Parts -----------------------------------------------------------------------------------------------------------

    def _switch(self, disabled: bool) -> TriggerVerb:
        if disabled:
            return TriggerVerb("disable", self._switches.disable, _always)
        return TriggerVerb("enable", self._switches.enable, _always)

    def _backfill_verb(self, call: Call) -> TriggerVerb:
        return self._of_backfills[call.route.path.split("/")[3]]

    async def _begun_by_names(self, call: Call, verb: TriggerVerb, named: list[Named]) -> Response:
        """Of those that are there and for which there is something to do."""
        states = [await self._store.get(call.tenant, _plain(each)) for each in named]
        return self._begun(call.tenant, verb, [state for state in states if state is not None and verb.fits(state)])

    async def _begun_by_query(self, call: Call, verb: TriggerVerb) -> Response:
        return self._begun(call.tenant, verb, [state async for state in self._found(call) if verb.fits(state)])

    def _begun(self, tenant: str, verb: TriggerVerb, states: list[TriggerState]) -> Response:
        begun = self._operations.begin(verb.name, _steps(tenant, verb, states), total=len(states))
        return json_answer(Begun(begun.operation_id, begun.total_items), status=202)

    async def _found(self, call: Call) -> AsyncIterator[TriggerState]:
        """All of a search, before the first of them is changed, so that none is overlooked."""
        page = 1
        while True:
            states, total = await self._store.search(
                call.tenant, call.all_that_is_meant(), order="triggerId", descending=False, page=page, size=PAGE
            )
            for state in states:
                yield state
            if page * PAGE >= total:
                return
            page += 1


async def _steps(tenant: str, verb: TriggerVerb, states: list[TriggerState]) -> AsyncIterator[Step]:
    for state in states:
        trigger = TriggerId(state.namespace, state.flow_id, state.trigger_id)
        yield Step(".".join((state.namespace, state.flow_id, state.trigger_id)), partial(_done, verb, tenant, trigger))


async def _done(verb: TriggerVerb, tenant: str, trigger: TriggerId) -> None:
    await verb.ask(tenant, trigger)


def _plain(named: TriggerId) -> TriggerId:
    """Without what else came with it: stores look up by the id alone."""
    return TriggerId(named.namespace, named.flow_id, named.trigger_id)


def _of_path(call: Call) -> TriggerId:
    return TriggerId(call.path["namespace"], call.path["flowId"], call.path["triggerId"])


def _is_locked(state: TriggerState) -> bool:
    return state.execution_id is not None or state.evaluation is not None


def _has_backfill(state: TriggerState) -> bool:
    return state.backfill is not None


def _always(state: TriggerState) -> bool:
    return True
