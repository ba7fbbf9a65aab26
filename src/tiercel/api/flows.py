"""Flows: saved, read, searched, checked. The source text is the truth; what is shown is made from it."""

from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.responses import Response

from tiercel import definition
from tiercel.api.answers import Page, Paging, json_answer, no_content
from tiercel.api.call import Call
from tiercel.api.problems import ApiError, Detail, not_found
from tiercel.api.routing import JSON, TEXT, YAML, route
from tiercel.api.sorting import order_of
from tiercel.definition import Problem, Reading
from tiercel.definition.json import flow_json
from tiercel.ports.flows import FlowQuery, FlowStore, StoredFlow
from tiercel.services.deployment import Deployment, InvalidFlow, Saved
from tiercel.services.registry import Registry, UnreadableFlow

FIELDS = ("q", "scope", "namespace", "flowId", "labels")
ORDERS = ("id", "namespace", "updated")
JsonObject = dict[str, Any]


class Validated(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """What checking one flow found."""

    index: int
    namespace: str | None = None
    flow: str | None = None
    constraints: str | None = None
    outdated: bool = msgspec.field(default_factory=lambda: False)
    deprecation_paths: list[str] | None = None
    warnings: list[str] | None = None
    infos: list[str] | None = None
    problems: tuple[Problem, ...] = ()
    """Ours: everything that was found, with line and column."""


class FlowShown(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A flow: all that its author set, and these."""

    id: str
    namespace: str
    revision: int
    disabled: bool
    deleted: bool
    source: str | None = None


class GetQuery(msgspec.Struct, frozen=True, rename="camel"):
    revision: int | None = None
    source: bool = False
    allow_deleted: bool = False


class Flows:
    """The routes of flows."""

    def __init__(self, *, store: FlowStore, registry: Registry, deployment: Deployment) -> None:
        self._store = store
        self._registry = registry
        self._deployment = deployment

    @route("GET", "/flows/search", operation="searchFlows", query=Paging, filters=FIELDS, answers=Page[FlowShown])
    async def search(self, call: Call) -> Response:
        """Search flows"""
        paging = call.query(Paging)
        order, descending = order_of(paging.sort, allowed=ORDERS, default=("id", False))
        query = FlowQuery(tenant=call.tenant, filters=call.filters(), order=order, descending=descending)
        found, total = await self._store.search(query, page=paging.page, size=paging.size)
        return json_answer(Page([self._listed(stored) for stored in found], total))

    @route("POST", "/flows", operation="createFlow", accepts=(YAML,), answers=FlowShown)
    async def create(self, call: Call) -> Response:
        """Create a flow from its YAML source"""
        saved = await self._deployment.create(await self._source(call), tenant=call.tenant, by=call.user)
        return json_answer(self._saved(saved))

    @route("POST", "/flows/validate", operation="validateFlows", accepts=(YAML, TEXT), answers=list[Validated])
    async def validate(self, call: Call) -> Response:
        """Check the YAML sources of flows, several parted by ---"""
        found = definition.portions(await call.text())
        readings = [self._deployment.checked(portion.text, tenant=call.tenant) for portion in found]
        placed = [
            msgspec.structs.replace(reading, problems=portion.placed(reading.problems))
            for portion, reading in zip(found, readings, strict=True)
        ]
        return json_answer([self._validated(call.tenant, place, reading) for place, reading in enumerate(placed)])

    @route("POST", "/flows/validate/task", operation="validateTask", accepts=(YAML, TEXT, JSON), answers=Validated)
    async def validate_task(self, call: Call) -> Response:
        """Check the YAML source of one task"""
        return json_answer(_validated_part(self._deployment.checked_task(await call.text())))

    @route(
        "POST", "/flows/validate/trigger", operation="validateTrigger", accepts=(YAML, TEXT, JSON), answers=Validated
    )
    async def validate_trigger(self, call: Call) -> Response:
        """Check the YAML source of one trigger"""
        return json_answer(_validated_part(self._deployment.checked_trigger(await call.text())))

    @route("GET", "/flows/{namespace}", operation="listFlowsByNamespace", answers=list[FlowShown])
    async def of_namespace(self, call: Call) -> Response:
        """List the flows of a namespace"""
        namespace = call.path["namespace"]
        own = [each for each in self._registry.all() if (each.tenant, each.namespace) == (call.tenant, namespace)]
        return json_answer([self._listed(stored) for stored in sorted(own, key=lambda stored: stored.id)])

    @route("GET", "/flows/{namespace}/{id}", operation="getFlow", query=GetQuery, answers=FlowShown)
    async def get(self, call: Call) -> Response:
        """Get a flow, one revision of it, with its source if asked for"""
        query = call.query(GetQuery)
        stored = await self._stored(call, revision=query.revision, deleted=query.allow_deleted)
        return json_answer(self._shown(stored, with_source=query.source))

    @route("PUT", "/flows/{namespace}/{id}", operation="updateFlow", accepts=(YAML,), answers=FlowShown)
    async def update(self, call: Call) -> Response:
        """Save a flow as its next revision"""
        await self._stored(call)
        text = await self._source(call)
        self._refuse_other(call, text)
        saved = await self._deployment.save(text, tenant=call.tenant, by=call.user)
        return json_answer(self._saved(saved))

    @route("DELETE", "/flows/{namespace}/{id}", operation="deleteFlow")
    async def delete(self, call: Call) -> Response:
        """Delete a flow; its revisions and executions stay"""
        namespace, flow_id = call.path["namespace"], call.path["id"]
        if await self._deployment.delete(tenant=call.tenant, namespace=namespace, flow_id=flow_id) is None:
            raise not_found(f"there is no flow {flow_id!r} in namespace {namespace!r}")
        return no_content()

    @route("GET", "/flows/{namespace}/{id}/revisions", operation="listFlowRevisions", answers=list[FlowShown])
    async def revisions(self, call: Call) -> Response:
        """List the revisions of a flow, oldest first"""
        found = await self._store.revisions(
            tenant=call.tenant, namespace=call.path["namespace"], flow_id=call.path["id"]
        )
        if not found:
            raise not_found("Flow not found")
        return json_answer([self._shown(stored, with_source=True) for stored in found])

    async def _source(self, call: Call) -> str:
        if call.media_type() == "application/json":
            raise ApiError(
                "unsupported-media-type", f"Content Type [application/json] not allowed. Allowed types: [{YAML}]"
            )
        return await call.text()

    async def _stored(self, call: Call, *, revision: int | None = None, deleted: bool = False) -> StoredFlow:
        namespace, flow_id = call.path["namespace"], call.path["id"]
        stored = await self._store.get(
            tenant=call.tenant, namespace=namespace, flow_id=flow_id, revision=revision, deleted=deleted
        )
        if stored is None:
            raise not_found("Flow not found" if revision is None else f"Flow has no revision {revision}")
        return stored

    def _refuse_other(self, call: Call, text: str) -> None:
        """The text must be of the flow that is named in the path."""
        flow = definition.read(text).flow
        if flow is not None and flow.namespace != call.path["namespace"]:
            raise _illegal("flow.namespace", "Illegal namespace update")
        if flow is not None and flow.id != call.path["id"]:
            raise _illegal("flow.id", "Illegal flow id update")

    def _listed(self, stored: StoredFlow) -> JsonObject:
        """Lists show the triggers of a flow that has none, too."""
        return {"triggers": [], **self._shown(stored)}

    def _shown(self, stored: StoredFlow, *, with_source: bool = False) -> JsonObject:
        """A stored flow; one that cannot be read any more says why."""
        try:
            fields = flow_json(self._registry.deployed(stored).flow)
        except UnreadableFlow as error:
            fields = {
                "disabled": stored.disabled,
                "deleted": stored.deleted,
                "source": stored.source,
                "exception": str(error),
            }
        fields |= {
            "id": stored.id,
            "namespace": stored.namespace,
            "revision": stored.revision,
            "updated": stored.updated,
        }
        fields["deleted"] = stored.deleted
        return fields | ({"source": stored.source} if with_source else {})

    def _saved(self, saved: Saved) -> JsonObject:
        return {
            **flow_json(saved.flow),
            "revision": saved.stored.revision,
            "updated": saved.stored.updated,
            "source": saved.stored.source,
        }

    def _validated(self, tenant: str, index: int, reading: Reading) -> Validated:
        constraints = definition.legacy_text(reading.problems)
        if any(problem.legacy_path is None for problem in definition.errors(reading.problems)):
            return Validated(index=index, constraints=constraints, problems=reading.problems)
        return Validated(
            index=index,
            constraints=constraints,
            outdated=self._is_outdated(tenant, reading),
            deprecation_paths=definition.deprecation_paths(reading.problems),
            warnings=definition.warnings(reading.problems),
            infos=definition.infos(reading.problems),
            problems=reading.problems,
            **_names(reading),
        )

    def _is_outdated(self, tenant: str, reading: Reading) -> bool:
        """The text carries a revision that is not the one after the last."""
        flow = reading.flow
        if flow is None or flow.revision is None:
            return False
        latest = self._registry.latest(tenant, flow.namespace, flow.id)
        return latest is not None and flow.revision != latest.revision + 1


def _validated_part(problems: tuple[Problem, ...]) -> Validated:
    return Validated(index=0, constraints=definition.legacy_body(problems), problems=problems)


def refused(error: InvalidFlow) -> ApiError:
    """What is wrong with a flow as the body of an answer."""
    details = [detail for problem in definition.errors(error.problems) for detail in _details(problem)]
    body = (definition.legacy_body(error.problems) or "the flow is invalid").rstrip("\n")
    kind = "invalid-plugin-type" if any(each.code == "unknown-type" for each in details) else "validation-failed"
    return ApiError(kind, body.removeprefix(": "), errors=details, message=f"Invalid entity: {body}")


def _details(problem: Problem) -> Iterator[Detail]:
    """A problem may be several sentences of the original's; one that the original told with another has our own."""
    words = problem.legacy or problem.message
    if problem.legacy_path is None:
        sentences, place = [words], problem.path
    else:
        sentences, place = words.splitlines(), problem.legacy_path.partition("\n")[0]
    for sentence in sentences:
        yield Detail(
            sentence,
            pointer="/" + problem.path.replace("[", "/").replace("]", "").replace(".", "/"),
            path=place,
            code=problem.code,
            explanation=problem.message,
            line=problem.line,
            column=problem.column,
        )


def _illegal(path: str, message: str) -> ApiError:
    return ApiError("invalid-entity", f"{path}: {message}", errors=[Detail(message, path=path)])


def _names(reading: Reading) -> dict[str, str]:
    data: dict[str, Any] = reading.document.data if reading.document is not None else {}
    names = {"namespace": data.get("namespace"), "flow": data.get("id")}
    return {key: value for key, value in names.items() if isinstance(value, str)}
