"""`encrypt()` and `decrypt()` of expressions: AES-GCM with a key of the flow's own, twelve random bytes in front."""

import base64
import binascii
import os
from collections.abc import Mapping
from typing import Any

from tiercel.expression import ExpressionError

_START = 12

Arguments = Mapping[str, Any]


def encrypt(arguments: Arguments) -> str:
    """The text sealed, in Base64. Raises ExpressionError."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    start = os.urandom(_START)
    sealed = AESGCM(_key(arguments)).encrypt(start, str(arguments["plaintext"]).encode(), None)
    return base64.b64encode(start + sealed).decode()


def decrypt(arguments: Arguments) -> str:
    """The text that was sealed. Raises ExpressionError."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key = _key(arguments)
    try:
        sealed = base64.b64decode(str(arguments["encrypted"]), validate=True)
        return AESGCM(key).decrypt(sealed[:_START], sealed[_START:], None).decode()
    except (binascii.Error, InvalidTag, UnicodeDecodeError, ValueError) as error:
        raise ExpressionError("value", "decrypt(): the text was not encrypted with this key") from error


def _key(arguments: Arguments) -> bytes:
    try:
        key = base64.b64decode(str(arguments["key"]), validate=True)
    except binascii.Error:
        raise ExpressionError("argument", "the key must be written in Base64") from None
    if len(key) not in (16, 24, 32):
        raise ExpressionError("argument", f"the key has {len(key)} bytes; it must have 16, 24 or 32")
    return key
