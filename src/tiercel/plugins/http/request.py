"""`io.kestra.plugin.core.http.Request`: sends a request and gives the answer as outputs."""

from collections.abc import Mapping
from typing import Any

from tiercel.plugins.http.properties import HttpTask
from tiercel.sdk import Output, RunContext
from tiercel.sdk.http import failure, header_lists, read_limited, refused

LONGEST_BODY = 10 * 1024 * 1024


class RequestOutput(Output, frozen=True):
    uri: str
    """Where the answer came from, after redirects."""
    code: int
    """The status code."""
    headers: dict[str, list[str]]
    """The headers, each name with all its values, names in lower case."""
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
            limit = LONGEST_BODY if options.max_content_length is None else options.max_content_length
            body = await read_limited(response, limit=limit)
            if refused(response, options):
                raise failure(response, body)
            ctx.counter("response.length", len(body))
            text = body.decode(response.charset_encoding or options.default_charset, "replace")
            return RequestOutput(
                uri=str(response.url),
                code=response.status_code,
                headers=header_lists(response),
                body=None if self.encrypt_body else text or None,
                encrypted_body=ctx.encrypt(text) if self.encrypt_body and text else None,
            )
