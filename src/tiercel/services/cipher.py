"""The server's key: AES in Galois counter mode, written as the original writes it, so that both read the other's."""

import base64
import binascii
import os
from functools import cached_property
from typing import TYPE_CHECKING

from tiercel.expression import ExpressionError
from tiercel.model.errors import TiercelError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
LENGTHS = (16, 24, 32)
"""Bytes that a key may have."""


class UnusableKey(TiercelError):
    """A configured key is none; the message is for whoever configured it."""


class Undecipherable(ExpressionError):
    """A text was encrypted with another key, or is damaged: what an expression names cannot be shown to it."""

    def __init__(self) -> None:
        super().__init__("value", "an encrypted value cannot be read: this server has another key than made it")


class AesCipher:
    """Texts to Base64 of nonce, encrypted bytes and tag, and back."""

    def __init__(self, key: bytes) -> None:
        if len(key) not in LENGTHS:
            raise UnusableKey(f"an encryption key has {LENGTHS[-1]} bytes (16 and 24 do too); this one has {len(key)}")
        self._key = key

    @classmethod
    def of(cls, written: str) -> "AesCipher":
        """The cipher of a key that is written in Base64."""
        try:
            return cls(base64.b64decode("".join(written.split()), validate=True))
        except binascii.Error as error:
            raise UnusableKey(f"an encryption key is written in Base64: {error}") from error

    @classmethod
    def passing(cls) -> "AesCipher":
        """A key that nobody will know when this process is gone."""
        return cls(os.urandom(LENGTHS[-1]))

    @property
    def written(self) -> str:
        """The key in Base64, as `of` reads it."""
        return base64.b64encode(self._key).decode()

    @cached_property
    def _aes(self) -> "AESGCM":
        # Imported late: most runs never meet an encrypted text.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key)

    def encrypt(self, text: str, *, nonce: bytes) -> str:
        return base64.b64encode(nonce + self._aes.encrypt(nonce, text.encode(), None)).decode()

    def decrypt(self, text: str) -> str:
        from cryptography.exceptions import InvalidTag

        try:
            sealed = base64.b64decode(text, validate=True)
            return self._aes.decrypt(sealed[:NONCE], sealed[NONCE:], None).decode()
        except (binascii.Error, InvalidTag, ValueError) as error:
            raise Undecipherable from error
