"""What a refused request is answered with: a problem document (RFC 9457) that older clients can read as well.

ApiError
└── everything a handler refuses; `application` turns errors of the lower layers into it
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.responses import Response

from tiercel.api.answers import json_bytes
from tiercel.model.errors import TiercelError

_TYPES = "https://kestra.io/docs/api-reference/problems/"

STATUSES: dict[str, tuple[int, str]] = {
    "bad-request": (400, "Bad Request"),
    "invalid-query-parameter": (400, "Bad Request"),
    "invalid-query-filters": (400, "Bad Request"),
    "bulk-validation-failed": (400, "Bad Request"),
    "unauthenticated": (401, "Unauthorized"),
    "wrong-signature": (401, "Unauthorized"),
    "forbidden": (403, "Forbidden"),
    "not-found": (404, "Not Found"),
    "method-not-allowed": (405, "Method Not Allowed"),
    "not-acceptable": (406, "Not Acceptable"),
    "conflict": (409, "Conflict"),
    "entity-already-exists": (409, "Conflict"),
    "payload-too-large": (413, "Payload Too Large"),
    "unsupported-media-type": (415, "Unsupported Media Type"),
    "invalid-json": (422, "Unprocessable Entity"),
    "invalid-plugin-type": (422, "Unprocessable Entity"),
    "invalid-format": (422, "Unprocessable Entity"),
    "invalid-argument": (422, "Unprocessable Entity"),
    "validation-failed": (422, "Unprocessable Entity"),
    "invalid-entity": (422, "Unprocessable Entity"),
    "too-many-requests": (429, "Too Many Requests"),
    "internal-error": (500, "Internal Server Error"),
    "service-unavailable": (503, "Service Unavailable"),
    "timeout": (504, "Gateway Timeout"),
}
"""Kinds of problem, with their status and title."""

_PREFIXES = {
    "not-found": "Not Found: ",
    "conflict": "Illegal state: ",
    "bad-request": "Bad Request: ",
    "invalid-argument": "Illegal argument: ",
    "invalid-entity": "Invalid entity: ",
    "validation-failed": "Invalid entity: ",
    "entity-already-exists": "Invalid entity: ",
    "invalid-plugin-type": "Invalid entity: ",
    "method-not-allowed": "Method Not Allowed: ",
    "not-acceptable": "Not Acceptable: ",
    "unsupported-media-type": "Unsupported Media Type: ",
}
"""What older servers put before the text; their clients match on it."""


class Detail(msgspec.Struct, frozen=True, omit_defaults=True):
    """One of several things that are wrong."""

    detail: str
    """In the words of the original, which clients match on."""
    pointer: str | None = None
    path: str | None = None
    code: str | None = None
    explanation: str | None = None
    """In our own words, with what to do."""
    line: int | None = None
    column: int | None = None


class ApiError(TiercelError):
    """A request is refused. `kind` names an entry of STATUSES."""

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        errors: Sequence[Detail] = (),
        headers: dict[str, str] | None = None,
        trace_id: str | None = None,
        message: str | None = None,
        members: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}
        self.trace_id = trace_id
        self.message = message or _PREFIXES.get(kind, "") + detail
        """What older clients read."""
        self.members = members or {}
        """More of what they read."""

    @property
    def status(self) -> int:
        return STATUSES[self.kind][0]


def not_found(what: str) -> ApiError:
    return ApiError("not-found", what)


def problem(error: ApiError, *, instance: str) -> Response:
    """The answer to a refused request."""
    if error.kind == "unauthenticated":
        return Response(status_code=401, headers=error.headers)
    return Response(
        json_bytes(_document(error, instance)),
        status_code=error.status,
        media_type="application/problem+json",
        headers=error.headers,
    )


def _document(error: ApiError, instance: str) -> dict[str, Any]:
    status, title = STATUSES[error.kind]
    document: dict[str, Any] = {
        "type": _TYPES + error.kind,
        "title": title,
        "status": status,
        "detail": error.detail,
        "instance": instance,
        "message": error.message,
        "_links": {"self": {"href": instance, "templated": False}},
        "_embedded": {"errors": [{"message": each.detail, "path": each.path} for each in error.errors]}
        if error.errors
        else {},
    }
    if error.errors:
        document["errors"] = error.errors
    document |= error.members
    if error.trace_id:
        document["traceId"] = error.trace_id
    return document
