"""The OpenAPI document, made from the table of routes. `python -m tiercel.api.openapi` prints it, without a server."""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import msgspec

from tiercel.api.approvals import Approvals
from tiercel.api.concurrency import ConcurrencyLimits
from tiercel.api.configs import Configs
from tiercel.api.events import Events
from tiercel.api.execution_bulk import ExecutionBulk
from tiercel.api.execution_verbs import ExecutionVerbs
from tiercel.api.executions import Executions
from tiercel.api.flows import Flows
from tiercel.api.graphs import Graphs
from tiercel.api.guard import Login
from tiercel.api.health import HealthRoutes
from tiercel.api.logs import Logs
from tiercel.api.namespaces import Namespaces
from tiercel.api.outputs import Outputs
from tiercel.api.plugins import Plugins
from tiercel.api.preflights import Preflights
from tiercel.api.problems import Detail
from tiercel.api.replay_previews import ReplayPreviews
from tiercel.api.routing import BYTES, JSON, MULTIPART, Route, routes_of
from tiercel.api.secrets import SecretRoutes
from tiercel.api.template_bulk import TemplateBulkRoutes
from tiercel.api.templates import TemplateRoutes
from tiercel.api.trigger_verbs import TriggerVerbs
from tiercel.api.triggers import Triggers
from tiercel.api.why import WhyRoute

RESOURCES: tuple[type, ...] = (
    Flows,
    Executions,
    ExecutionVerbs,
    Approvals,
    ExecutionBulk,
    Preflights,
    Outputs,
    Events,
    ReplayPreviews,
    WhyRoute,
    Logs,
    Graphs,
    Plugins,
    Triggers,
    TriggerVerbs,
    Namespaces,
    SecretRoutes,
    ConcurrencyLimits,
    TemplateRoutes,
    TemplateBulkRoutes,
    Configs,
    Login,
    HealthRoutes,
)
_REFERENCE = "#/components/schemas/{name}"
JsonObject = dict[str, Any]


class Refusal(msgspec.Struct, frozen=True):
    """What a refused request is answered with."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    message: str
    errors: list[Detail] = []


def document() -> JsonObject:
    """The whole document."""
    routes = [route for resource in RESOURCES for route, _ in routes_of(resource)]
    kinds = [kind for route in routes for kind in _kinds(route)] + [Refusal]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    known = dict(zip(kinds, schemas, strict=True))
    paths: JsonObject = {}
    for route in routes:
        paths.setdefault(_path(route), {})[route.method.lower()] = _operation(route, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tiercel", "version": version("tiercel")},
        "paths": paths,
        "components": {"schemas": components},
    }


def _kinds(route: Route) -> Iterator[Any]:
    yield from _parameter_types(route).values()
    if route.answers is not None and route.answers is not bytes:
        yield route.answers
    if route.body is not None:
        yield route.body


def _parameter_types(route: Route) -> dict[str, Any]:
    return (
        {} if route.query is None else {field.encode_name: field.type for field in msgspec.structs.fields(route.query)}
    )


def _operation(route: Route, known: dict[Any, Any]) -> JsonObject:
    operation: JsonObject = {
        "operationId": route.operation,
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route, known)],
        "responses": {"200": _answer(route, known), "default": _problem(known)},
    }
    if route.accepts:
        operation["requestBody"] = {
            "content": {media: {"schema": _body(route, media, known)} for media in route.accepts}
        }
    return operation


def _answer(route: Route, known: dict[Any, Any]) -> JsonObject:
    if route.answers is None:
        return {"description": route.summary}
    schema = {"type": "string", "format": "binary"} if route.gives == BYTES else known[route.answers]
    return {"description": route.summary, "content": {route.gives: {"schema": schema}}}


def _problem(known: dict[Any, Any]) -> JsonObject:
    return {
        "description": "What was refused, and why",
        "content": {"application/problem+json": {"schema": known[Refusal]}},
    }


def _body(route: Route, media: str, known: dict[Any, Any]) -> JsonObject:
    if media == JSON and route.body is not None:
        return known[route.body]
    return {"type": "object", "additionalProperties": True} if media in (JSON, MULTIPART) else {"type": "string"}


def _path(route: Route) -> str:
    return f"/api/v1/{{tenant}}{route.path}" if route.tenanted else route.path


def _path_parameters(route: Route) -> Iterator[JsonObject]:
    for name in re.findall(r"\{(\w+)\}", _path(route)):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(route: Route, known: dict[Any, Any]) -> Iterator[JsonObject]:
    if route.query is not None:
        for field in msgspec.structs.fields(route.query):
            is_required = field.required
            yield {
                "name": field.encode_name,
                "in": "query",
                "required": is_required,
                "schema": known[field.type],
            }
    if route.filters:
        names = ", ".join(route.filters)
        schema = {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}},
        }
        yield {
            "name": "filters",
            "in": "query",
            "style": "deepObject",
            "explode": True,
            "schema": schema,
            "description": f"`filters[field][OPERATOR]=value`; fields: {names}",
        }


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1)
