"""What a caller gives with an execution: inputs as JSON or as multipart parts, labels in the query."""

from collections.abc import AsyncIterator
from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from tiercel.api.call import Call
from tiercel.api.problems import ApiError
from tiercel.model.execution import Label
from tiercel.services.uploads import Upload

CHUNK = 256 * 1024
MAX_TEXT_PART = 64 * 1024 * 1024
_OLD_FILES = "files"
"""Older clients send every file as a part of this name, with the input's id as file name."""


async def read_given(call: Call, upload: Upload) -> dict[str, Any]:
    """The inputs by id. Files go to internal storage as they arrive; what stands for them is their URI."""
    kind = call.media_type()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        try:
            return await _parts(call, upload)
        except (MultiPartException, FormParserError) as error:
            raise ApiError("invalid-format", f"the body is no {kind}: {error}") from error
    if kind in ("", "application/json"):
        return await _object(call)
    raise ApiError("unsupported-media-type", f"inputs come as multipart/form-data or application/json, not as {kind}")


async def _object(call: Call) -> dict[str, Any]:
    if not await call.request.body():
        return {}
    return await call.json(dict[str, Any])


async def _parts(call: Call, upload: Upload) -> dict[str, Any]:
    given: dict[str, Any] = {}
    async with call.request.form(max_files=1000, max_fields=10_000, max_part_size=MAX_TEXT_PART) as form:
        for name, part in form.multi_items():
            if isinstance(part, UploadFile):
                given[_input_of(name, part)] = await _stored(name, part, upload)
            else:
                given[name] = part
    return given


def _input_of(name: str, part: UploadFile) -> str:
    return (part.filename or name) if name == _OLD_FILES else name


async def _stored(name: str, part: UploadFile, upload: Upload) -> str:
    return await upload.store(_input_of(name, part), part.filename or name, _chunks(part))


async def _chunks(part: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await part.read(CHUNK):
        yield chunk


def read_labels(texts: list[str]) -> tuple[Label, ...]:
    """`labels=key:value`, repeatable. Raises ApiError for what is no label, or one of the server's own."""
    return tuple(map(_label, texts))


def _label(text: str) -> Label:
    key, colon, value = text.partition(":")
    if not colon or not key or not value:
        raise ApiError("invalid-argument", f"a label is written key:value, not {text!r}")
    if key == "system" or key.startswith("system."):
        raise ApiError(
            "invalid-argument", f"System labels can only be set by Kestra itself, offending label: {key}={value}"
        )
    if not key[0].islower() or not all(character.isalnum() or character in "._-" for character in key):
        raise ApiError(
            "invalid-entity",
            f"Invalid label key. '{key}' must start with a lower-case letter, then letters, digits, '.', '_', '-'",
        )
    return Label(key, value)
