"""One request as handlers see it: parameters typed, body read on demand."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar, get_origin

import msgspec
from starlette.requests import Request

from tiercel.api.filters import read_filters, unknown_parameters
from tiercel.api.problems import ApiError, Detail
from tiercel.api.routing import Route
from tiercel.ports.filters import Filters

T = TypeVar("T")
MAX_TEXT = 50 * 1024 * 1024


class Call:
    """A request that was routed. `user` is who asks, where the server asks who it is."""

    def __init__(self, request: Request, path: Mapping[str, str], *, tenant: str, user: str | None = None) -> None:
        self.request = request
        self.route: Route
        """Set by whoever hands the call on."""
        self.path = path
        self.tenant = tenant
        self.user = user

    def query(self, kind: type[T]) -> T:
        """The query parameters as a struct. Raises ApiError that names the parameter."""
        given = self.request.query_params
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}  # pyright: ignore[reportArgumentType]
        values: dict[str, Any] = {
            name: given.getlist(name) if _is_list(field.type) else given[name]
            for name, field in fields.items()
            if name in given
        }
        try:
            return msgspec.convert(values, kind, strict=False)
        except msgspec.ValidationError as error:
            raise self._refused(str(error)) from error

    def _refused(self, text: str) -> ApiError:
        """A parameter that cannot be used, in the words of older servers where they had some."""
        meaning, _, place = text.partition(" - at `$.")
        name = place.rstrip("`").partition("[")[0]
        least = re.fullmatch(r"Expected `int` >= (\d+)", meaning)
        words = f"must be greater than or equal to {least[1]}" if least else meaning
        path = f"{self.route.operation}.{name}" if name else self.route.operation
        return ApiError("invalid-entity", f"{path}: {words}", errors=[Detail(words, path=path)])

    def filters(self) -> Filters:
        """The `filters[…]` of the query. Raises ApiError with all that is wrong with them."""
        return read_filters(self.request.query_params.multi_items(), fields=self.route.filters)

    def all_that_is_meant(self) -> Filters:
        """The same, for what changes all that a search finds: a parameter that nobody knows, and that would be left out of
        the search, is refused. Raises ApiError."""
        own = (
            ()
            if self.route.query is None
            else [field.encode_name for field in msgspec.structs.fields(self.route.query)]
        )
        unknown = unknown_parameters(self.request.query_params.keys(), fields=self.route.filters, own=own)
        if unknown:
            known = ", ".join(self.route.filters)
            problems = [f"`{name}` is no parameter of this route" for name in unknown]
            told = "; ".join(problems) + f"; write filters[field][OPERATION]=value, where the field is one of {known}"
            raise ApiError("invalid-query-parameter", told, errors=[Detail(problem) for problem in problems])
        return self.filters()

    async def text(self) -> str:
        """The body as text."""
        body = await self.request.body()
        if len(body) > MAX_TEXT:
            raise ApiError("payload-too-large", f"the body has {len(body)} bytes; at most {MAX_TEXT} are taken")
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            raise ApiError("invalid-format", f"the body is not UTF-8: {error}") from error

    async def json(self, kind: type[T]) -> T:
        """The body as a typed value. Raises ApiError that names what is wrong, and where."""
        try:
            return msgspec.json.decode(await self.request.body(), type=kind, strict=False)
        except msgspec.ValidationError as error:
            raise ApiError("invalid-entity", str(error), errors=[Detail(str(error))]) from error
        except msgspec.DecodeError as error:
            raise ApiError("invalid-json", f"the body is not JSON: {error}") from error

    def media_type(self) -> str:
        return self.request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _is_list(kind: Any) -> bool:
    return get_origin(kind) in (list, tuple)
