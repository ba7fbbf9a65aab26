"""`io.kestra.plugin.core.http.Download`: stores the answer to a request as a file."""

from collections.abc import AsyncIterator
from email.message import Message
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from tiercel.plugins.http.properties import HttpTask
from tiercel.sdk import Output, RunContext, TaskFailed
from tiercel.sdk.http import failure, header_lists, read_limited, refused

_EXPLANATION = 64 * 1024
"""Bytes of an error's body that are read for the message."""


class DownloadOutput(Output, frozen=True):
    uri: str
    """The file in internal storage."""
    code: int
    """The status code."""
    length: int
    """How many bytes the file has."""
    headers: dict[str, list[str]]
    """The headers, each name as the server spells it, with all its values."""


class Download(HttpTask[DownloadOutput], type="io.kestra.plugin.core.http.Download"):
    """Store the answer to an HTTP request as a file in internal storage. It is streamed: its size does not matter."""

    example = """
        id: fetch_file
        namespace: company.team
        tasks:
          - id: orders
            type: io.kestra.plugin.core.http.Download
            uri: https://example.com/data/orders.csv
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.orders.length }} bytes in {{ outputs.orders.uri }}"
    """

    fail_on_empty_response: bool = True
    """Fail where the answer has no content."""
    save_as: str | None = None
    """The file's name; without it, the one the server gives, or the last part of the address."""

    async def run(self, ctx: RunContext) -> DownloadOutput:
        options = self.effective_options
        async with self.answer(ctx) as response:
            if refused(response, options):
                raise failure(response, await read_limited(response, limit=_EXPLANATION))
            name = self.save_as or _name_given(response.headers.get("content-disposition")) or _name_in(self.uri)
            body = _Counted(response.aiter_bytes(), limit=options.max_content_length)
            uri = await ctx.files.store_stream(body.chunks(), name)
            if body.length == 0:
                self._judge_emptiness(ctx)
            ctx.counter("response.length", body.length)
            return DownloadOutput(
                uri=uri, code=response.status_code, length=body.length, headers=header_lists(response)
            )

    def _judge_emptiness(self, ctx: RunContext) -> None:
        if self.fail_on_empty_response and not self.effective_options.allow_failed:
            raise TaskFailed(
                f"No response from server: the answer of {self.uri} is empty; `failOnEmptyResponse: false` would accept it"
            )
        ctx.log.warning(f"File '{self.uri}' is empty")


class _Counted:
    """Chunks on their way, counted."""

    def __init__(self, chunks: AsyncIterator[bytes], *, limit: int | None) -> None:
        self._chunks = chunks
        self._limit = limit
        self.length = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            self.length += len(chunk)
            if self._limit is not None and self.length > self._limit:
                raise TaskFailed(f"the answer is longer than options.maxContentLength of {self._limit} bytes")
            yield chunk


def _name_given(disposition: str | None) -> str | None:
    """The file name of a Content-Disposition header, in either of its two spellings."""
    if disposition is None:
        return None
    header = Message()
    header["Content-Disposition"] = disposition
    name = header.get_filename()
    return PurePosixPath(name.replace("\\", "/")).name or None if name else None


def _name_in(uri: str) -> str:
    return PurePosixPath(unquote(urlsplit(uri).path)).name or "download"
