"""What a call of a webhook brings: its headers, its parameters, and its body as the trigger wants it."""

import base64
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec
from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope

from tiercel.api.given import MAX_TEXT_PART, chunks
from tiercel.api.problems import ApiError
from tiercel.services.uploads import Upload
from tiercel.services.webhooks import Incoming

MOST_BYTES = 100 * 1024 * 1024
"""Of a body that is held in memory; one that is stored may be larger."""
_BINARY = (
    "application/octet-stream",
    "application/gzip",
    "application/pdf",
    "application/zip",
    "audio/",
    "font/",
    "image/",
    "video/",
)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s;"']+)""")
Headers = dict[str, list[str]]


def headers_of(scope: Scope) -> Headers:
    """By name, as `Content-Type` is written: the server was given them in small letters."""
    headers: Headers = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").title(), []).append(value.decode("latin-1"))
    return headers


def is_form(headers: Headers) -> bool:
    return _content_type(headers).startswith("multipart/form-data")


def plain(scope: Scope, headers: Headers, body: bytes | None) -> Incoming:
    """A call whose body is a value; None leaves it out."""
    read = None if body is None else _read(body, _content_type(headers))
    return Incoming(headers=headers, parameters=_parameters(scope), body=read)


async def stored(scope: Scope, headers: Headers, receive: Receive, upload: Upload) -> Incoming:
    """A call whose body becomes a file of the execution."""
    uri = await upload.store("body", "body", _streamed(receive))
    return Incoming(headers=headers, parameters=_parameters(scope), uri=uri)


async def form(scope: Scope, headers: Headers, receive: Receive, upload: Upload) -> Incoming:
    """A call that brings fields, and files that are stored. Raises ApiError where it is no form."""
    fields: dict[str, Any] = {}
    parts: list[dict[str, Any]] = []
    try:
        async with Request(scope, receive).form(max_part_size=MAX_TEXT_PART) as sent:
            for name, part in sent.multi_items():
                if isinstance(part, UploadFile):
                    parts.append(await _part(name, part, upload, number=len(parts)))
                else:
                    fields[name] = part
    except (MultiPartException, FormParserError) as error:
        raise ApiError("invalid-format", f"the body is no multipart/form-data: {error}") from error
    return Incoming(headers=headers, parameters=_parameters(scope), parts=parts, form_fields=fields)


async def body_of(receive: Receive) -> bytes:
    """The whole body. Raises ApiError when it is too large."""
    message = await receive()
    if not message.get("more_body"):
        return message.get("body", b"")
    pieces = [message.get("body", b"")]
    size = len(pieces[0])
    while message.get("more_body"):
        message = await _more(receive)
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > MOST_BYTES:
            raise ApiError("payload-too-large", f"a webhook takes at most {MOST_BYTES} bytes")
    return b"".join(pieces)


def again(body: bytes) -> Receive:
    """A body that was read already, to be received once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _streamed(receive: Receive) -> AsyncIterator[bytes]:
    message = await receive()
    yield message.get("body", b"")
    while message.get("more_body"):
        message = await _more(receive)
        yield message.get("body", b"")


async def _more(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    return message


async def _part(name: str, part: UploadFile, upload: Upload, *, number: int) -> dict[str, Any]:
    filename = part.filename or name
    uri = await upload.store(f"{name}-{number}", filename, chunks(part))
    return {"name": name, "filename": filename, "contentType": part.content_type, "size": part.size, "uri": uri}


def _parameters(scope: Scope) -> dict[str, list[str]]:
    query = scope["query_string"]
    return parse_qs(query.decode("latin-1"), keep_blank_values=True) if query else {}


def _content_type(headers: Mapping[str, list[str]]) -> str:
    return headers.get("Content-Type", [""])[0].lower()


def _read(body: bytes, content_type: str) -> Any:
    """An object or a list of JSON as a value, whatever it is called; what is no text in Base64; text as it is."""
    if not body:
        return None
    if content_type.startswith(_BINARY):
        return base64.b64encode(body).decode()
    text = _decoded(body, content_type)
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


def _decoded(body: bytes, content_type: str) -> str:
    """By the charset that the content type names, if that can be; as UTF-8 else."""
    found = _CHARSET.search(content_type)
    try:
        return body.decode("utf-8" if found is None else found[1], errors="replace")
    except (LookupError, UnicodeError):
        return body.decode(errors="replace")
