"""Signatures of webhooks: each form as its sender makes it, and nothing that comes near it."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from tiercel.sdk import WebhookSignature
from tiercel.services.signatures import Signed, WrongSignature, check_signature

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SECRET, BODY = "It's a Secret to Everybody", b"Hello, World!"
SENT = int(NOW.timestamp())


def digest(signed: bytes, algorithm: Any = hashlib.sha256, secret: str = SECRET) -> bytes:
    return hmac.new(secret.encode(), signed, algorithm).digest()


def stripe(sent: int, secret: str = SECRET) -> dict[str, str]:
    signed = digest(f"{sent}.".encode() + BODY, secret=secret).hex()
    return {"stripe-signature": f"t={sent},v1={'0' * 64},v1={signed},v0=6ffbb59b"}


def slack(sent: int, secret: str = SECRET) -> dict[str, str]:
    signed = digest(f"v0:{sent}:".encode() + BODY, secret=secret).hex()
    return {"x-slack-request-timestamp": str(sent), "x-slack-signature": f"v0={signed}"}


def forms(secret: str = SECRET, sent: int = SENT) -> dict[str, dict[str, str]]:
    hexadecimal = digest(BODY, secret=secret).hex()
    return {
        "GITHUB": {"x-hub-signature-256": f"sha256={hexadecimal}"},
        "BITBUCKET": {"x-hub-signature": f"sha256={hexadecimal}"},
        "GITLAB": {"x-gitlab-token": secret},
        "SHOPIFY": {"x-shopify-hmac-sha256": base64.b64encode(digest(BODY, secret=secret)).decode()},
        "STRIPE": stripe(sent, secret),
        "SLACK": slack(sent, secret),
    }


def check(headers: dict[str, str], *, body: bytes = BODY, at: datetime = NOW, **written: Any) -> None:
    signature = WebhookSignature.model_validate({"secret": "{{ secret('HOOK') }}", **written})
    check_signature(signature, SECRET, Signed(headers, body, at))


def test_the_example_in_the_documentation_of_github_is_right() -> None:
    known = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    check({"x-hub-signature-256": known}, preset="GITHUB")


@pytest.mark.parametrize("preset", forms())
def test_the_form_of_a_sender_is_known(preset: str) -> None:
    check(forms()[preset], preset=preset)


@pytest.mark.parametrize("preset", forms())
def test_another_secret_is_refused(preset: str) -> None:
    with pytest.raises(WrongSignature):
        check(forms(secret="guessed")[preset], preset=preset)


@pytest.mark.parametrize("preset", [*forms(), "CUSTOM"])
def test_no_signature_is_refused(preset: str) -> None:
    with pytest.raises(WrongSignature):
        check({}, preset=preset, header="X-Sign")


@pytest.mark.parametrize("preset", [name for name in forms() if name != "GITLAB"])
def test_another_body_is_refused(preset: str) -> None:
    with pytest.raises(WrongSignature):
        check(forms()[preset], preset=preset, body=BODY + b"!")


@pytest.mark.parametrize("form", [stripe, slack])
@pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_call_that_is_sent_again_later_is_refused(form: Callable[[int], dict[str, str]], age: timedelta) -> None:
    preset = form.__name__.upper()
    check(form(SENT), preset=preset, at=NOW + age, tolerance="PT10M")
    with pytest.raises(WrongSignature):
        check(form(SENT), preset=preset, at=NOW + age)


@pytest.mark.parametrize("sent", ["", "yesterday", "9" * 40, "-1"])
def test_a_time_that_is_none_is_refused(sent: str) -> None:
    signed = digest(f"v0:{sent}:".encode() + BODY).hex()
    with pytest.raises(WrongSignature):
        check({"x-slack-request-timestamp": sent, "x-slack-signature": f"v0={signed}"}, preset="SLACK")


@pytest.mark.parametrize("algorithm", ["SHA1", "SHA256", "SHA512"])
@pytest.mark.parametrize("encoding", ["HEX", "BASE64"])
def test_a_form_of_ones_own(algorithm: str, encoding: str) -> None:
    made = digest(BODY, algorithm.lower())
    text = made.hex() if encoding == "HEX" else base64.b64encode(made).decode()
    check({"x-mine": f"v9,{text}"}, header="X-Mine", algorithm=algorithm, encoding=encoding, prefix="v9,")


@pytest.mark.parametrize("written", [{"secret": "s"}, {"secret": " ", "preset": "GITHUB"}, {"preset": "GITHUB"}])
def test_what_cannot_be_checked_is_refused_when_it_is_written(written: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        WebhookSignature.model_validate(written)
