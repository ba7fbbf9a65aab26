"""`io.kestra.plugin.core.http.Request`: sends a request and gives the answer as outputs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tiercel.plugins.http.properties import HttpTask
from tiercel.plugins.http.telling import tell_answer
from tiercel.sdk import Output, RunContext
from tiercel.sdk.http import HttpOptions, failure, header_lists, read_limited, refused

if TYPE_CHECKING:
    from httpx2 import Response

LONGEST_BODY = 10 * 1024 * 1024


class RequestOutput(Output, frozen=True):
    uri: str
    """The address that was asked, with its query; redirects do not change it."""
    code: int
    """The status code."""
    headers: dict[str, list[str]]
    """The headers, each name as the server spells it, with all its values."""
    body: str | None = None
    """The body as text; null where it is empty, or given encrypted."""
    encrypted_body: Mapping[str, Any] | None = None
    """The body where `encryptBody` asks for it so: stored encrypted, clear to the expressions of other tasks."""


class Request(HttpTask[RequestOutput], type="io.kestra.plugin.core.http.Request"):
    """Send an HTTP request and give code, headers and body of the answer."""

    example = """
        id: ask_api
        namespace: company.team
        tasks:
          - id: send
            type: io.kestra.plugin.core.http.Request
            uri: https://example.com/api/orders
            method: POST
            contentType: application/json
            body:
              article: falcon
            options:
              timeout:
                connectTimeout: PT5S
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.send.code }}"
    """

    encrypt_body: bool = False
    """Keep the body encrypted, as `encryptedBody`; the server needs an encryption key for it."""

    async def run(self, ctx: RunContext) -> RequestOutput:
        options = self.effective_options
        async with self.answer(ctx) as response:
            body = await body_of(response, options)
            if refused(response, options):
                raise failure(response, body)
            ctx.counter("response.length", len(body))
            text = text_of(response, body, options)
            if not self.encrypt_body:
                tell_answer(ctx.log, options.logs, text)
            return output_of(response, text, ctx, encrypted=self.encrypt_body)


async def body_of(response: "Response", options: HttpOptions) -> bytes:
    """The body of an answer. Raises TaskFailed where it is too long to be an output."""
    limit = LONGEST_BODY if options.max_content_length is None else options.max_content_length
    return await read_limited(response, limit=limit)


def text_of(response: "Response", body: bytes, options: HttpOptions) -> str:
    return body.decode(response.charset_encoding or options.default_charset, "replace")


def address_of(response: "Response") -> str:
    """What was asked first, before the redirects that were followed."""
    return str((response.history or [response])[0].request.url)


def output_of(response: "Response", text: str, ctx: RunContext, *, encrypted: bool) -> RequestOutput:
    """The answer as an output, its body in clear or encrypted."""
    return RequestOutput(
        uri=address_of(response),
        code=response.status_code,
        headers=header_lists(response),
        body=None if encrypted else text or None,
        encrypted_body=ctx.encrypt(text) if encrypted and text else None,
    )
