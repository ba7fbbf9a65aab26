"""Verbs on many executions, by their ids or by a search: begun here, carried out in the background, asked for by id.

By ids, every execution is looked at first: where one of them cannot be asked, nothing is begun. Deletions are done when
they are answered.
"""

from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any, TypeVar

import msgspec
from starlette.responses import Response

from tiercel.api.answers import json_answer
from tiercel.api.call import Call
from tiercel.api.execution_verbs import DeleteQuery, LabelText, ended_state, read_labels_of
from tiercel.api.executions import FIELDS
from tiercel.api.problems import ApiError, Detail, not_found
from tiercel.api.routing import JSON, route
from tiercel.model.execution import Execution
from tiercel.model.states import State
from tiercel.ports.reader import ExecutionQuery, Reader
from tiercel.services import verbs
from tiercel.services.operations import Operation, Operations, Step
from tiercel.services.purge import Purge
from tiercel.services.records import read_execution
from tiercel.services.registry import Registry
from tiercel.services.verbs import Ask, Verb, Verbs

AT_ONCE = 500
"""Executions that are read, or deleted, together."""
H = TypeVar("H", bound=Callable[..., Any])

_WORDS = {
    "restart": ("POST", "restartExecutions"),
    "replay": ("POST", "replayExecutions"),
    "kill": ("DELETE", "killExecutions"),
    "pause": ("POST", "pauseExecutions"),
    "resume": ("POST", "resumeExecutions"),
    "force-run": ("POST", "forceRun"),
    "unqueue": ("POST", "unqueueExecutions"),
    "change-status": ("POST", "updateExecutionsStatus"),
}
_VERBS: dict[str, Verb] = {verb.name: verb for verb in verbs.ALL}


class BulkQuery(msgspec.Struct, frozen=True):
    """What some verbs are given besides."""

    new_status: State | None = msgspec.field(default=None, name="newStatus")
    state: State = State.RUNNING
    latest_revision: bool = msgspec.field(default=False, name="latestRevision")


class BulkDeleteQuery(DeleteQuery, frozen=True):
    include_non_terminated: bool = msgspec.field(default=False, name="includeNonTerminated")


class Begun(msgspec.Struct, frozen=True, rename="camel"):
    operation_id: str
    total_items: int


class Count(msgspec.Struct, frozen=True):
    count: int


class LabelsByIds(msgspec.Struct, frozen=True, rename="camel"):
    executions_id: list[str]
    execution_labels: list[LabelText]


def _each_verb(how: str, **facts: Any) -> Callable[[H], H]:
    """A route for each verb that takes nothing in its body but ids."""

    def mark(handler: H) -> H:
        for name, (method, words) in _WORDS.items():
            operation = words + how.replace("by-ids", "ByIds").replace("by-query", "ByQuery")
            operation = operation.replace("forceRunByQuery", "forceRunExecutionsByQuery")
            handler = route(method, f"/executions/{name}/{how}", operation=operation, answers=Begun, **facts)(handler)
        return handler

    return mark


class ExecutionBulk:
    """The routes of verbs on many executions."""

    def __init__(
        self, *, verbs: Verbs, reader: Reader, registry: Registry, operations: Operations, purge: Purge
    ) -> None:
        self._registry = registry
        self._verbs = verbs
        self._reader = reader
        self._operations = operations
        self._purge = purge

    @_each_verb("by-ids", query=BulkQuery, accepts=(JSON,), body=list[str])
    async def by_ids(self, call: Call) -> Response:
        """Ask this of executions by their ids"""
        verb = _verb_of(call)
        found = await self._found(call.tenant, await call.json(list[str]), verb)
        return self._begun(verb, self._ask(verb, call.query(BulkQuery), by=call.user), _listed(found), total=len(found))

    @_each_verb("by-query", query=BulkQuery, filters=FIELDS)
    async def by_query(self, call: Call) -> Response:
        """Ask this of all executions that a search finds and that are in a state for it"""
        verb = _verb_of(call)
        return await self._begun_by_query(call, verb, self._ask(verb, call.query(BulkQuery), by=call.user))

    @route(
        "POST",
        "/executions/labels/by-ids",
        operation="setLabelsOnTerminatedExecutionsByIds",
        accepts=(JSON,),
        body=LabelsByIds,
        answers=Begun,
    )
    async def labels_by_ids(self, call: Call) -> Response:
        """Give executions that are over other labels, by their ids"""
        wanted = await call.json(LabelsByIds)
        labels = read_labels_of(wanted.execution_labels)
        found = await self._found(call.tenant, wanted.executions_id, verbs.LABELS)
        return self._begun(verbs.LABELS, self._verbs.set_labels(labels=labels), _listed(found), total=len(found))

    @route(
        "POST",
        "/executions/labels/by-query",
        operation="setLabelsOnTerminatedExecutionsByQuery",
        filters=FIELDS,
        accepts=(JSON,),
        body=list[LabelText],
        answers=Begun,
    )
    async def labels_by_query(self, call: Call) -> Response:
        """Give other labels to all executions that a search finds and that are over"""
        labels = read_labels_of(await call.json(list[LabelText]))
        return await self._begun_by_query(call, verbs.LABELS, self._verbs.set_labels(labels=labels))

    @route("GET", "/operations/{operationId}", operation="getOperation", answers=Operation)
    async def operation(self, call: Call) -> Response:
        """How far a verb on many executions has come. A route of Tiercel's own"""
        found = self._operations.get(call.path["operationId"])
        if found is None:
            raise not_found(f"there is no operation {call.path['operationId']} in this process")
        return json_answer(found)

    # Deletions -------------------------------------------------------------------------------------------------------

    @route(
        "DELETE",
        "/executions/by-ids",
        operation="deleteExecutionsByIds",
        query=BulkDeleteQuery,
        accepts=(JSON,),
        body=list[str],
        answers=Count,
    )
    async def delete_by_ids(self, call: Call) -> Response:
        """Delete executions that are over, by their ids"""
        ids = await call.json(list[str])
        found = await self._read(call.tenant, ids)
        invalid = [(identifier, "execution not found") for identifier in ids if identifier not in found]
        invalid += [(one.id, "execution is not terminated") for one in found.values() if one.live]
        if invalid:
            raise _invalid("delete", invalid)
        return json_answer(Count(await self._deleted(call, list(found))))

    @route(
        "DELETE",
        "/executions/by-query",
        operation="deleteExecutionsByQuery",
        query=BulkDeleteQuery,
        filters=FIELDS,
        answers=Count,
    )
    async def delete_by_query(self, call: Call) -> Response:
        """Delete all executions that a search finds and that are over"""
        query = ExecutionQuery(tenant=call.tenant, filters=call.all_that_is_meant())
        ids = [identifier async for identifier in self._reader.ids(query)]
        count = 0
        for start in range(0, len(ids), AT_ONCE):
            found = await self._read(call.tenant, ids[start : start + AT_ONCE])
            count += await self._deleted(call, [one.id for one in found.values() if not one.live])
        return json_answer(Count(count))

    async def _deleted(self, call: Call, ids: list[str]) -> int:
        parts = call.query(BulkDeleteQuery).parts
        return (await self._purge.of(call.tenant, ids, parts=parts)).executions if ids else 0

    # Parts -----------------------------------------------------------------------------------------------------------

    def _ask(self, verb: Verb, query: BulkQuery, *, by: str | None) -> Ask:
        match verb.name:
            case "restart":
                return self._verbs.restart()
            case "replay":
                return self._replay(query)
            case "kill":
                return self._verbs.kill(by=by)
            case "pause":
                return self._verbs.pause()
            case "resume":
                return self._verbs.resume(by=by)
            case "force-run":
                return self._verbs.force_run()
            case "unqueue":
                return self._verbs.unqueue(state=query.state)
            case _:
                return self._verbs.change_status(state=_needed(query.new_status))

    def _replay(self, query: BulkQuery) -> Ask:
        if not query.latest_revision:
            return self._verbs.replay()
        return self._verbs.replay_latest(self._latest)

    def _latest(self, execution: Execution) -> int | None:
        stored = self._registry.latest(execution.tenant, execution.namespace, execution.flow_id)
        return None if stored is None else stored.revision

    async def _begun_by_query(self, call: Call, verb: Verb, ask: Ask) -> Response:
        query = ExecutionQuery(tenant=call.tenant, filters=call.all_that_is_meant(), size=1)
        _, total = await self._reader.search(query)
        return self._begun(verb, ask, self._fitting(call.tenant, query, verb), total=total.n)

    def _begun(self, verb: Verb, ask: Ask, executions: AsyncIterator[Execution], *, total: int) -> Response:
        operation = self._operations.begin(verb.name, _steps(ask, executions), total=total)
        return json_answer(Begun(operation.operation_id, operation.total_items), status=202)

    async def _found(self, tenant: str, ids: list[str], verb: Verb) -> list[Execution]:
        """All of them. Raises ApiError where one is not there, or is in no state for it."""
        found = await self._read(tenant, ids)
        invalid = [(identifier, "execution not found") for identifier in ids if identifier not in found]
        invalid += [(one.id, reason) for one in found.values() if (reason := verb.refused(one)) is not None]
        if invalid:
            raise _invalid(verb.name, invalid)
        return list(found.values())

    async def _read(self, tenant: str, ids: list[str]) -> dict[str, Execution]:
        found: dict[str, Execution] = {}
        for start in range(0, len(ids), AT_ONCE):
            rows = await self._reader.executions(tenant, ids[start : start + AT_ONCE])
            found |= {one.row.id: read_execution(one.row) for one in rows}
        return found

    async def _fitting(self, tenant: str, query: ExecutionQuery, verb: Verb) -> AsyncIterator[Execution]:
        """Those of a search that are in a state for it, a page at a time."""
        page: list[str] = []
        async for identifier in self._reader.ids(query):
            page.append(identifier)
            if len(page) == AT_ONCE:
                for one in (await self._read(tenant, page)).values():
                    if verb.refused(one) is None:
                        yield one
                page = []
        for one in (await self._read(tenant, page)).values():
            if verb.refused(one) is None:
                yield one


async def _steps(ask: Ask, executions: AsyncIterator[Execution]) -> AsyncIterator[Step]:
    async for execution in executions:
        yield Step(execution.id, partial(_reason, ask, execution))


async def _reason(ask: Ask, execution: Execution) -> str | None:
    return (await ask(execution)).ignored


def _verb_of(call: Call) -> Verb:
    return _VERBS[call.route.path.split("/")[2]]


def _needed(state: State | None) -> State:
    if state is None:
        raise ApiError("bad-request", "Required QueryValue [newStatus] not specified")
    return ended_state(state)


async def _listed(executions: list[Execution]) -> AsyncIterator[Execution]:
    for execution in executions:
        yield execution


def _invalid(verb: str, invalid: list[tuple[str, str]]) -> ApiError:
    """Every item that is wrong, as problem documents have it and as older clients read it."""
    return ApiError(
        "bulk-validation-failed",
        f"invalid bulk {verb}",
        message=f"invalid bulk {verb}",
        errors=[Detail(reason, path=identifier) for identifier, reason in invalid],
        members={"invalids": [{"message": reason, "invalidValue": identifier} for identifier, reason in invalid]},
    )
