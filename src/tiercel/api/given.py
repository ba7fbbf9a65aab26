"""What a caller gives with an execution: inputs as JSON or as multipart parts, labels in the query."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException

from tiercel.api.call import Call
from tiercel.api.problems import ApiError, Detail
from tiercel.definition.checks.labels import fault_words, key_fault
from tiercel.model.execution import Label
from tiercel.services.uploads import Reception

CHUNK = 256 * 1024
MAX_TEXT_PART = 64 * 1024 * 1024
_OLD_FILES = "files"
"""Older clients send every file as a part of this name, with the input's id as file name."""

Endings = Mapping[str, str]
"""The ending that a file has which an older client sends, by the id of its input."""


async def read_given(call: Call, upload: Reception, *, endings: Endings | None = None) -> dict[str, Any]:
    """The inputs by id. Files go to internal storage as they arrive; what stands for them is their URI.

    Without `endings` every file of an older client is taken for one of an input.
    """
    kind = call.media_type()
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        try:
            return await _parts(call, upload, endings)
        except (MultiPartException, FormParserError) as error:
            raise ApiError("invalid-format", f"the body is no {kind}: {error}") from error
    if kind in ("", "application/json"):
        return await _object(call)
    raise ApiError("unsupported-media-type", f"inputs come as multipart/form-data or application/json, not as {kind}")


async def _object(call: Call) -> dict[str, Any]:
    if not await call.request.body():
        return {}
    return await call.json(dict[str, Any])


async def _parts(call: Call, upload: Reception, endings: Endings | None) -> dict[str, Any]:
    given: dict[str, Any] = {}
    async with call.request.form(max_files=1000, max_fields=10_000, max_part_size=MAX_TEXT_PART) as form:
        for name, part in form.multi_items():
            if isinstance(part, UploadFile):
                input_id, filename = _placed(name, part.filename or name, endings)
                given[input_id] = await upload.store(input_id, filename, chunks(part))
            else:
                given[name] = part
    return given


def _placed(name: str, filename: str, endings: Endings | None) -> tuple[str, str]:
    """The input that a part is for, and the name that its file gets."""
    if name != _OLD_FILES or (endings is not None and filename not in endings):
        return name, filename
    return filename, filename + (endings or {}).get(filename, "")


async def chunks(part: UploadFile) -> AsyncIterator[bytes]:
    """A file that came with a request, piece by piece."""
    while chunk := await part.read(CHUNK):
        yield chunk


def read_breakpoints(written: str | None) -> tuple[str, ...] | None:
    """`taskId` or `taskId.value`, with commas between them."""
    if written is None:
        return None
    return tuple(name.strip() for name in written.split(",") if name.strip())


def read_labels(texts: list[str]) -> tuple[Label, ...]:
    """`labels=key:value`, repeatable. Raises ApiError for what is no label, or one of the server's own."""
    return tuple(map(_label, texts))


def _label(text: str) -> Label:
    key, colon, value = text.partition(":")
    if not colon or not key or not value:
        raise ApiError("invalid-argument", f"a label is written key:value, not {text!r}")
    return checked_label(key, value)


def checked_label(key: str, value: str) -> Label:
    """A label from outside. Raises ApiError for a key that cannot be used, or one of the server's own."""
    fault = key_fault(key)
    if fault is None:
        return Label(key, value)
    explained = [Detail(fault_words(key, value), explanation=f"`{key}` cannot be the key of a label: {fault}")]
    kind = "invalid-argument" if key.startswith("system.") else "invalid-entity"
    raise ApiError(kind, fault_words(key, value), errors=explained)
