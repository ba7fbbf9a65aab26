"""Stored templates (1.x): saved, read, listed, checked. The source text is the truth; what is shown is made from it."""

from datetime import datetime
from typing import Any

import msgspec
from starlette.responses import Response

from tiercel.api.answers import Page, Paging, json_answer, no_content
from tiercel.api.call import Call
from tiercel.api.problems import ApiError, Detail, not_found
from tiercel.api.routing import JSON, TEXT, YAML, route
from tiercel.definition import Reading, legacy_text
from tiercel.definition.templates import read_template
from tiercel.ports.clock import Clock
from tiercel.ports.templates import StoredTemplate, TemplateDraft, TemplateStore
from tiercel.services.deployment import InvalidFlow
from tiercel.services.templates import Templates


class TemplateShown(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """A template as its author wrote it."""

    id: str
    namespace: str
    description: str | None = None
    tasks: list[dict[str, Any]]
    errors: list[dict[str, Any]] = []
    deleted: bool = msgspec.field(default_factory=lambda: False)
    revision: int
    """Ours, as the two below: saves are counted as those of flows are."""
    updated: datetime
    source: str


class TemplateChecked(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """What checking a template found; without `constraints` it is valid."""

    index: int
    namespace: str | None = None
    id: str | None = None
    constraints: str | None = None


class SearchQuery(Paging, frozen=True, rename="camel"):
    q: str | None = None
    namespace: str | None = None


class TemplateRoutes:
    """The routes of templates."""

    def __init__(self, *, store: TemplateStore, templates: Templates, clock: Clock) -> None:
        self._store = store
        self._templates = templates
        self._clock = clock

    @route("GET", "/templates/search", operation="searchTemplates", query=SearchQuery, answers=Page[TemplateShown])
    async def search(self, call: Call) -> Response:
        """Search templates"""
        query = call.query(SearchQuery)
        found = [each async for each in self._store.all(tenant=call.tenant) if fits(each, query)]
        first = (query.page - 1) * query.size
        return json_answer(Page([shown(each) for each in found[first : first + query.size]], len(found)))

    @route("GET", "/templates/distinct-namespaces", operation="listTemplateDistinctNamespaces", answers=list[str])
    async def namespaces(self, call: Call) -> Response:
        """List the namespaces that have templates"""
        return json_answer(sorted({each.namespace async for each in self._store.all(tenant=call.tenant)}))

    @route("GET", "/templates/{namespace}/{id}", operation="getTemplate", answers=TemplateShown)
    async def get(self, call: Call) -> Response:
        """Get a template"""
        return json_answer(shown(await self._stored(call)))

    @route("POST", "/templates", operation="createTemplate", accepts=(YAML, JSON), answers=TemplateShown)
    async def create(self, call: Call) -> Response:
        """Create a template from its YAML source"""
        saved = await self._store.create(draft_of(call, await call.text(), at=self._clock.now()))
        return self._saved(saved)

    @route(
        "PUT", "/templates/{namespace}/{id}", operation="updateTemplate", accepts=(YAML, JSON), answers=TemplateShown
    )
    async def update(self, call: Call) -> Response:
        """Save a template as its next revision; executions go on with the one they began with"""
        await self._stored(call)
        draft = draft_of(call, await call.text(), at=self._clock.now())
        for name, written in (("namespace", draft.namespace), ("id", draft.id)):
            if written != call.path[name]:
                message = f"Illegal template {name} update"
                raise ApiError("invalid-entity", message, errors=[Detail(message, path=f"template.{name}")])
        return self._saved(await self._store.save(draft))

    @route("DELETE", "/templates/{namespace}/{id}", operation="deleteTemplate")
    async def delete(self, call: Call) -> Response:
        """Delete a template; executions that began with it go on"""
        gone = await self._store.delete(
            tenant=call.tenant, namespace=call.path["namespace"], template_id=call.path["id"], at=self._clock.now()
        )
        if gone is None:
            raise not_found("Template not found")
        self._templates.put(gone)
        return no_content()

    @route(
        "POST",
        "/templates/validate",
        operation="validateTemplates",
        accepts=(YAML, TEXT),
        answers=list[TemplateChecked],
    )
    async def validate(self, call: Call) -> Response:
        """Check the YAML source of a template"""
        return json_answer([_checked(read_template(await call.text()))])

    async def _stored(self, call: Call) -> StoredTemplate:
        stored = await self._store.get(
            tenant=call.tenant, namespace=call.path["namespace"], template_id=call.path["id"]
        )
        if stored is None:
            raise not_found("Template not found")
        return stored

    def _saved(self, template: StoredTemplate) -> Response:
        self._templates.put(template)
        return json_answer(shown(template))


def fits(template: StoredTemplate, query: SearchQuery) -> bool:
    """The text stands in the name; a namespace has those below it."""
    wanted, own = query.namespace, template.namespace
    is_within = wanted is None or own == wanted or own.startswith(f"{wanted}.")
    return is_within and (query.q or "").lower() in f"{own}.{template.id}".lower()


def draft_of(call: Call, text: str, *, at: datetime) -> TemplateDraft:
    """The template of a text. Raises InvalidFlow where it is none."""
    reading = read_template(text)
    if reading.flow is None:
        raise InvalidFlow(reading.problems)
    return TemplateDraft(tenant=call.tenant, namespace=reading.flow.namespace, id=reading.flow.id, source=text, at=at)


def _checked(reading: Reading) -> TemplateChecked:
    data = {} if reading.document is None else reading.document.data
    return TemplateChecked(
        index=0,
        namespace=data.get("namespace"),
        id=data.get("id"),
        constraints=legacy_text(reading.problems),
    )


def shown(template: StoredTemplate) -> TemplateShown:
    document = read_template(template.source).document
    data = {} if document is None else document.data
    return TemplateShown(
        id=template.id,
        namespace=template.namespace,
        description=data.get("description"),
        tasks=data.get("tasks") or [],
        errors=data.get("errors") or [],
        revision=template.revision,
        updated=template.updated,
        source=template.source,
    )
