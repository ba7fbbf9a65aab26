"""Secrets: which there are, and how they are written. Nobody is told their values."""

from typing import Annotated

import msgspec
from starlette.responses import Response

from tiercel.api.answers import Paging, json_answer
from tiercel.api.call import Call
from tiercel.api.problems import ApiError, not_found
from tiercel.api.routing import JSON, route
from tiercel.model.execution import Label
from tiercel.model.secret import SecretInfo
from tiercel.ports.filters import Filter, Operator
from tiercel.services.secrets import NoKey, NoSuchSecret, Secrets

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
FIELDS = ("q", "namespace")


class ApiSecret(msgspec.Struct, frozen=True, omit_defaults=True):
    """A secret without its value. One of the server's environment has a key alone."""

    key: str
    namespace: str | None = None
    description: str | None = None
    tags: tuple[Label, ...] | None = None


class SecretPage(msgspec.Struct, frozen=True, rename="camel"):
    """One page of a search for secrets."""

    read_only: bool
    """Whether none can be written, for want of a key to encrypt them with."""
    results: list[ApiSecret]
    total: int


class SecretValue(msgspec.Struct, frozen=True):
    """A secret as it is written."""

    key: Key
    value: Annotated[str, msgspec.Meta(min_length=1)]
    description: str | None = None
    tags: tuple[Label, ...] | None = None


class SecretPatch(msgspec.Struct, frozen=True):
    """What is said of a secret; what is left out stays."""

    key: str | None = None
    description: str | None = None
    tags: tuple[Label, ...] | None = None


class SecretRoutes:
    """The routes of secrets."""

    def __init__(self, *, secrets: Secrets) -> None:
        self._secrets = secrets

    @route("GET", "/secrets", operation="listSecrets", query=Paging, filters=FIELDS, answers=SecretPage)
    async def search(self, call: Call) -> Response:
        """List secrets, without their values: those of namespaces and those of the server's environment"""
        text, namespace = _wanted(call)
        return json_answer(await self._page(call, text=text, namespace=namespace))

    @route(
        "GET",
        "/namespaces/{namespace}/secrets",
        operation="listNamespaceSecrets",
        query=Paging,
        filters=("q",),
        answers=SecretPage,
    )
    async def of_namespace(self, call: Call) -> Response:
        """List the secrets of a namespace, without their values"""
        text, _ = _wanted(call)
        return json_answer(await self._page(call, text=text, namespace=call.path["namespace"]))

    @route(
        "GET",
        "/namespaces/{namespace}/inherited-secrets",
        operation="getInheritedSecrets",
        answers=dict[str, list[str]],
    )
    async def inherited(self, call: Call) -> Response:
        """List the keys that flows of a namespace may name, by the namespace that has them"""
        return json_answer(await self._secrets.seen_from(tenant=call.tenant, namespace=call.path["namespace"]))

    @route(
        "PUT",
        "/namespaces/{namespace}/secrets",
        operation="putSecrets",
        accepts=(JSON,),
        body=SecretValue,
        answers=list[ApiSecret],
    )
    async def put(self, call: Call) -> Response:
        """Write a secret of a namespace"""
        secret, namespace = await call.json(SecretValue), call.path["namespace"]
        try:
            await self._secrets.put(
                secret.value,
                tenant=call.tenant,
                namespace=namespace,
                key=secret.key,
                description=secret.description,
                tags=secret.tags,
            )
        except NoKey as error:
            raise ApiError("conflict", str(error)) from error
        return await self._all(call)

    @route(
        "PATCH",
        "/namespaces/{namespace}/secrets/{key}",
        operation="patchSecret",
        accepts=(JSON,),
        body=SecretPatch,
        answers=list[ApiSecret],
    )
    async def patch(self, call: Call) -> Response:
        """Change description and tags of a secret"""
        patch, namespace, key = await call.json(SecretPatch), call.path["namespace"], call.path["key"]
        try:
            await self._secrets.describe(
                tenant=call.tenant, namespace=namespace, key=key, description=patch.description, tags=patch.tags
            )
        except NoSuchSecret as error:
            raise not_found(str(error)) from error
        return await self._all(call)

    @route("DELETE", "/namespaces/{namespace}/secrets/{key}", operation="deleteSecret", answers=None)
    async def delete(self, call: Call) -> Response:
        """Delete a secret of a namespace"""
        try:
            await self._secrets.delete(tenant=call.tenant, namespace=call.path["namespace"], key=call.path["key"])
        except NoSuchSecret as error:
            raise not_found(str(error)) from error
        return Response(status_code=200)

    async def _page(self, call: Call, *, text: str, namespace: str | None) -> SecretPage:
        paging = call.query(Paging)
        found = [
            _shown(each) for each in await self._secrets.listed(tenant=call.tenant, namespace=namespace, text=text)
        ]
        if namespace is None:
            found += [ApiSecret(key) for key in self._secrets.of_environment() if text.lower() in key.lower()]
        start = (paging.page - 1) * paging.size
        return SecretPage(self._secrets.is_read_only, found[start : start + paging.size], len(found))

    async def _all(self, call: Call) -> Response:
        found = await self._secrets.listed(tenant=call.tenant, namespace=call.path["namespace"])
        return json_answer([_shown(each) for each in found])


def _shown(info: SecretInfo) -> ApiSecret:
    return ApiSecret(info.key, info.namespace, info.description, info.tags)


def _wanted(call: Call) -> tuple[str, str | None]:
    """The text that keys contain, and the namespace. Raises ApiError."""
    values: dict[str, str] = {}
    for each in call.filters():
        if not isinstance(each, Filter) or each.operator is not Operator.EQUALS or not isinstance(each.value, str):
            raise ApiError("invalid-query-filters", "secrets are searched by q and namespace, each EQUALS one text")
        values[each.field] = each.value
    return values.get("q", ""), values.get("namespace")
