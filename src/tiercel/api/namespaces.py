"""Namespaces: those that hold flows, and their parents."""

import msgspec
from starlette.responses import Response

from tiercel.api.answers import Page, Paging, json_answer
from tiercel.api.call import Call
from tiercel.api.routing import route
from tiercel.ports.filters import Filter
from tiercel.ports.flows import FlowStore


class NamespaceShown(msgspec.Struct, frozen=True):
    id: str


class TextQuery(msgspec.Struct, frozen=True):
    q: str | None = None


class Namespaces:
    """The routes of namespaces."""

    def __init__(self, *, flows: FlowStore) -> None:
        self._flows = flows

    @route(
        "GET",
        "/namespaces/search",
        operation="searchNamespaces",
        query=Paging,
        filters=("q", "existingOnly"),
        answers=Page[NamespaceShown],
    )
    async def search(self, call: Call) -> Response:
        """Search namespaces"""
        paging = call.query(Paging)
        texts = [str(each.value) for each in call.filters() if isinstance(each, Filter) and each.field == "q"]
        found = await self._flows.namespaces(tenant=call.tenant, text=texts[0] if texts else None)
        start = (paging.page - 1) * paging.size
        return json_answer(Page([NamespaceShown(each.id) for each in found[start : start + paging.size]], len(found)))

    @route("GET", "/namespaces/{id}", operation="getNamespace", answers=NamespaceShown)
    async def get(self, call: Call) -> Response:
        """Get a namespace; one without flows is a namespace all the same"""
        return json_answer(NamespaceShown(call.path["id"]))

    @route("GET", "/flows/distinct-namespaces", operation="listDistinctNamespaces", query=TextQuery, answers=list[str])
    async def distinct(self, call: Call) -> Response:
        """List the namespaces that hold flows"""
        found = await self._flows.namespaces(tenant=call.tenant, text=call.query(TextQuery).q)
        return json_answer([each.id for each in found if each.flows])
