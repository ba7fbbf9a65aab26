"""Answers: JSON by msgspec, streams of server-sent events, pages."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from starlette.responses import Response, StreamingResponse

from tiercel.model.surrogates import mended

T = TypeVar("T")
MOST_AT_ONCE = 10_000
ENCODER = msgspec.json.Encoder(enc_hook=str)


class Page(msgspec.Struct, Generic[T], frozen=True, omit_defaults=True, rename="camel"):
    """One page of a search."""

    results: list[T]
    total: int
    total_is_estimate: bool = False


class Paging(msgspec.Struct, frozen=True):
    """Which page of a search, and in which order."""

    page: Annotated[int, msgspec.Meta(ge=1)] = 1
    size: Annotated[int, msgspec.Meta(ge=1, le=MOST_AT_ONCE)] = 10
    sort: list[str] = []


def json_answer(value: Any, *, status: int = 200) -> Response:
    return Response(json_bytes(value), status_code=status, media_type="application/json")


def json_bytes(value: Any) -> bytes:
    """Any answer as JSON: half a surrogate pair in what some task wrote must not hide all the rest."""
    try:
        return ENCODER.encode(value)
    except UnicodeEncodeError:
        return ENCODER.encode(mended(msgspec.to_builtins(value, enc_hook=str)))


def no_content() -> Response:
    return Response(status_code=204)


class Frame(msgspec.Struct, frozen=True):
    """One server-sent event: its kind stands in `id`."""

    kind: str
    data: bytes

    def encode(self) -> bytes:
        return b"id: " + self.kind.encode() + b"\ndata: " + self.data + b"\n\n"


KEEP_ALIVE = b": still here\n\n"


def stream_answer(frames: AsyncIterator[bytes]) -> Response:
    """Server-sent events, as they come."""
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


async def encoded(frames: AsyncIterator[Frame]) -> AsyncGenerator[bytes]:
    async for frame in frames:
        yield frame.encode()
