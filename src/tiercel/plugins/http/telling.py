"""What the log says of an exchange: one line, and the parts that `options.logs` asks for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tiercel.sdk import TaskLog
from tiercel.sdk.http import HttpPart

if TYPE_CHECKING:
    from httpx2 import Headers, Response

_PRIVATE = {"authorization", "proxy-authorization", "cookie", "set-cookie"}
HIDDEN = "******"


def tell_exchange(log: TaskLog, parts: Sequence[HttpPart], response: "Response", *, sent: str | None) -> None:
    """Of the request that was answered, the last one where redirects were followed; the body of the answer is still to come."""
    request = response.request
    if "REQUEST_HEADERS" in parts:
        log.debug(f"request: {request.method} {request.url}\n{_listed(request.headers)}")
    if "REQUEST_BODY" in parts and sent is not None:
        log.trace(f"request body:\n{sent}")
    log.debug(f"Request '{request.url}' with the response code '{response.status_code}'")
    if "RESPONSE_HEADERS" in parts:
        log.debug(f"response: {response.status_code} {response.reason_phrase}\n{_listed(response.headers)}")


def tell_answer(log: TaskLog, parts: Sequence[HttpPart], text: str) -> None:
    """The body of an answer that becomes an output."""
    if "RESPONSE_BODY" in parts:
        log.trace(f"response body:\n{text}")


def _listed(headers: "Headers") -> str:
    spelled = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw]
    return "\n".join(f"    {name}: {HIDDEN if name.lower() in _PRIVATE else value}" for name, value in spelled)
