"""The world of a vector: the keys, secrets and files its fixtures name, and a real cipher."""

import base64
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tiercel.expression import ExpressionError
from tiercel.services.holidays import is_public_holiday

NONCE_LENGTH = 12
FIRST_FREE_PORT = 49152


class FixtureHost:
    """Answers from fixtures; what they do not name is missing."""

    def __init__(self, fixtures: Mapping[str, Any]) -> None:
        self._fixtures = fixtures

    def call(self, function: str, arguments: Mapping[str, Any]) -> Any:
        answer = getattr(self, f"_{function}", None)
        if answer is None:
            raise ExpressionError("host", f"{function}() is not part of the fixtures")
        return answer(**arguments)

    def _secret(self, key: str, namespace: str) -> Any:
        return self._found("secrets", namespace, key)

    def _kv(self, key: str, namespace: str, inherit: bool, errorOnMissing: bool) -> Any:  # noqa: N803
        parts = (namespace or "").split(".")
        namespaces = [".".join(parts[:length]) for length in range(len(parts), 0, -1)] if inherit else [namespace]
        for candidate in namespaces:
            if key in self._fixtures.get("kv", {}).get(candidate, {}):
                return self._fixtures["kv"][candidate][key]
        if errorOnMissing:
            raise ExpressionError("missing", f"there is no key `{key}` in the namespace `{namespace}`")
        return None

    def _read(self, path: str, namespace: str, revision: Any) -> Any:
        prefix = f"kestra:///{namespace.replace('.', '/')}/_files/"
        if path.startswith("kestra://") and not path.startswith(prefix):
            raise ExpressionError("access", f"`{path}` does not belong to this execution")
        return self._found("namespace_files", namespace, path.removeprefix(prefix))

    def _fileExists(self, path: str, namespace: str) -> bool:  # noqa: N802
        return path in self._fixtures["namespace_files"].get(namespace, {})

    def _fileSize(self, path: str, namespace: str) -> int:  # noqa: N802
        return len(self._found("namespace_files", namespace, path).encode())

    def _isFileEmpty(self, path: str, namespace: str) -> bool:  # noqa: N802
        return not self._found("namespace_files", namespace, path)

    def _errorLogs(self) -> Any:  # noqa: N802
        return self._fixtures["errorLogs"]

    def _randomPort(self, number: int) -> int:  # noqa: N802
        return FIRST_FREE_PORT + number

    def _isPublicHoliday(self, date: str, countryCode: str, subDivision: str | None) -> bool:  # noqa: N802, N803
        return is_public_holiday(datetime.fromisoformat(date).date(), countryCode, subDivision)

    def _encrypt(self, key: str, plaintext: str) -> str:
        nonce = os.urandom(NONCE_LENGTH)
        return base64.b64encode(nonce + _cipher(key).encrypt(nonce, plaintext.encode(), None)).decode()

    def _decrypt(self, key: str, encrypted: str) -> str:
        data = base64.b64decode(encrypted)
        return _cipher(key).decrypt(data[:NONCE_LENGTH], data[NONCE_LENGTH:], None).decode()

    def _found(self, kind: str, namespace: str, key: str) -> Any:
        try:
            return self._fixtures[kind][namespace][key]
        except KeyError:
            raise ExpressionError("missing", f"there is no `{key}` in the namespace `{namespace}`") from None


def _cipher(key: str) -> AESGCM:
    return AESGCM(base64.b64decode(key))
