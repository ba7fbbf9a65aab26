"""The properties that all HTTP tasks and triggers share, and how they become a request."""

import json
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from pydantic import Field

from tiercel.plugins.http.telling import tell_exchange
from tiercel.sdk import Output, Properties, RunContext, Task
from tiercel.sdk.http import HttpOptions, Method, SslOptions, exchange

if TYPE_CHECKING:
    from httpx2 import Response

OutputT = TypeVar("OutputT", bound=Output)

MULTIPART = "multipart/form-data"
STORED = "kestra://"


class FormFile(Properties):
    """A file of a form under a name of its own."""

    name: str
    """The file's name, as the server sees it."""
    content: str
    """The text, or the URI of a file in internal storage."""


FormValue = FormFile | str | dict[str, Any] | list[Any] | None


class HttpRequest(Properties):
    """A request: where, how, and with what."""

    uri: str
    """The address to send the request to."""
    method: Method = "GET"
    """The HTTP method, in letters of any case."""
    params: dict[str, str | list[str]] = {}
    """The query, added to what the URI has."""
    body: str | dict[str, Any] | list[Any] | None = None
    """What to send; a mapping or list is sent as JSON."""
    form_data: dict[str, FormValue] | None = None
    """A form to send instead of a body: texts, or URIs of files in internal storage; other data is sent as JSON."""
    content_type: str | None = None
    """The content type of what is sent; `application/json` for a body where nothing is said."""
    headers: dict[str, str | list[str] | None] = {}
    """Headers to send; one with several values takes a list."""
    options: HttpOptions = HttpOptions()
    """Time limits, proxy, authentication, and which answers are a success."""
    ssl_options: Annotated[SslOptions | None, Field(deprecated="write options.ssl")] = None
    """Old place of `options.ssl`."""
    allow_failed: Annotated[bool | None, Field(deprecated="write options.allowFailed")] = None
    """Old place of `options.allowFailed`."""

    @property
    def effective_options(self) -> HttpOptions:
        """The options with what stands in old places."""
        moved: dict[str, Any] = {}
        if self.__dict__["ssl_options"] is not None:
            moved["ssl"] = self.__dict__["ssl_options"]
        if self.__dict__["allow_failed"] is not None:
            moved["allow_failed"] = self.__dict__["allow_failed"]
        return self.options.model_copy(update=moved) if moved else self.options

    @property
    def _address(self) -> str:
        """The URI with `params` behind the query that it has."""
        if not self.params:
            return self.uri
        parts = urlsplit(self.uri)
        query = "&".join(filter(None, [parts.query, urlencode(self.params, doseq=True, quote_via=quote)]))
        return urlunsplit(parts._replace(query=query))

    @asynccontextmanager
    async def answer(self, ctx: RunContext) -> "AsyncGenerator[Response]":
        """Send the request and give the answer, its body still to be read."""
        options = self.effective_options
        with ExitStack() as files:
            content = await self._content(ctx, files)
            async with exchange(self.method, self._address, options=options, **content) as response:
                tell_exchange(ctx.log, options.logs, response, sent=content.get("content"))
                yield response

    async def _content(self, ctx: RunContext, files: ExitStack) -> dict[str, Any]:
        # As UTF-8, as curl does: the client alone would refuse all but ASCII.
        headers = [(name, text.encode()) for name, value in self.headers.items() for text in _texts(value)]
        parts: dict[str, Any] = {}
        if self.form_data is not None:
            parts |= await self._form(self.form_data, ctx, files)
        elif self.body is not None:
            parts["content"] = self.body if isinstance(self.body, str) else json.dumps(self.body, ensure_ascii=False)
        if not self._is_multipart() and not any(name.lower() == "content-type" for name, _ in headers):
            headers += [("Content-Type", kind.encode()) for kind in [self._content_type()] if kind is not None]
        return parts | {"headers": headers}

    def _is_multipart(self) -> bool:
        """The client writes the content type of a multipart form itself, since it holds the boundary."""
        return self.form_data is not None and (self.content_type or "").startswith(MULTIPART)

    def _content_type(self) -> str | None:
        if self.content_type is not None or self.body is None or self.form_data is not None:
            return self.content_type
        return "application/json"

    async def _form(self, fields: dict[str, FormValue], ctx: RunContext, files: ExitStack) -> dict[str, Any]:
        given = {name: value for name, value in fields.items() if value is not None}
        if not self._is_multipart():
            return {"data": {name: _form_text(value) for name, value in given.items()}}
        return {"files": [(name, await _part(value, ctx, files)) for name, value in given.items()]}


class HttpTask(HttpRequest, Task[OutputT], Generic[OutputT]):
    """A task that sends a request."""


async def _part(value: FormValue, ctx: RunContext, files: ExitStack) -> tuple[str | None, Any]:
    content = _form_text(value)
    if content.startswith(STORED):
        file = files.enter_context((await ctx.files.fetch(content)).open("rb"))
        return (value.name if isinstance(value, FormFile) else PurePosixPath(content).name), file
    return (value.name if isinstance(value, FormFile) else None), content.encode()


def _form_text(value: FormValue) -> str:
    if isinstance(value, FormFile):
        return value.content
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _texts(value: str | list[str] | None) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else value
