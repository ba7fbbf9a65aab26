"""Whether a call of a webhook carries the signature that its sender would have made."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from tiercel.model.errors import TiercelError
from tiercel.sdk import WebhookSignature


class WrongSignature(TiercelError):
    """A call is not from who it should be from. What is wrong is told in general terms alone."""


class Signed(NamedTuple):
    """A call as it came."""

    headers: Mapping[str, str]
    """By name, in small letters."""
    body: bytes
    at: datetime


Check = Callable[[WebhookSignature, bytes, Signed], bool]


def check_signature(properties: WebhookSignature, secret: str, call: Signed) -> None:
    """Raises WrongSignature."""
    if not _CHECKS[properties.preset](properties, secret.strip().encode(), call):
        raise WrongSignature("the call has no signature, or not the right one")


def _custom(properties: WebhookSignature, secret: bytes, call: Signed) -> bool:
    digest = hmac.new(secret, call.body, properties.algorithm.lower()).digest()
    written = digest.hex() if properties.encoding == "HEX" else base64.b64encode(digest).decode()
    return _same(properties.prefix + written, call.headers.get((properties.header or "").lower()))


def _sha256(header: str, prefix: str) -> Check:
    """The body, in hexadecimal digits."""
    return lambda _, secret, call: _same(prefix + _hex(secret, call.body), call.headers.get(header))


def _gitlab(_: WebhookSignature, secret: bytes, call: Signed) -> bool:
    """The secret itself."""
    return _same(secret.decode(), call.headers.get("x-gitlab-token"))


def _shopify(_: WebhookSignature, secret: bytes, call: Signed) -> bool:
    digest = hmac.new(secret, call.body, hashlib.sha256).digest()
    return _same(base64.b64encode(digest).decode(), call.headers.get("x-shopify-hmac-sha256"))


def _stripe(properties: WebhookSignature, secret: bytes, call: Signed) -> bool:
    """`t=<seconds>,v1=<signature>`, of which there are several while a secret is being replaced."""
    pairs = [part.strip().partition("=") for part in call.headers.get("stripe-signature", "").split(",")]
    sent = next((value for name, _, value in pairs if name == "t"), "")
    expected = _hex(secret, f"{sent}.".encode() + call.body)
    matches = [_same(expected, value) for name, _, value in pairs if name == "v1"]
    return any(matches) and _is_recent(sent, properties, call)


def _slack(properties: WebhookSignature, secret: bytes, call: Signed) -> bool:
    sent = call.headers.get("x-slack-request-timestamp", "")
    expected = "v0=" + _hex(secret, f"v0:{sent}:".encode() + call.body)
    return _same(expected, call.headers.get("x-slack-signature")) and _is_recent(sent, properties, call)


def _is_recent(sent: str, properties: WebhookSignature, call: Signed) -> bool:
    if not (sent.isascii() and sent.isdecimal() and len(sent) <= 11):
        return False
    return abs(call.at - datetime.fromtimestamp(int(sent), UTC)) <= properties.tolerance


def _hex(secret: bytes, signed: bytes) -> str:
    return hmac.new(secret, signed, hashlib.sha256).hexdigest()


def _same(expected: str, given: str | None) -> bool:
    return given is not None and hmac.compare_digest(expected.encode(), given.strip().encode())


_CHECKS: dict[str, Check] = {
    "CUSTOM": _custom,
    "GITHUB": _sha256("x-hub-signature-256", "sha256="),
    "BITBUCKET": _sha256("x-hub-signature", "sha256="),
    "GITLAB": _gitlab,
    "SHOPIFY": _shopify,
    "STRIPE": _stripe,
    "SLACK": _slack,
}
