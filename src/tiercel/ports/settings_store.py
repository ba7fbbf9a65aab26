"""Small settings that the server keeps for itself: the account of basic authentication, the instance's id."""

from typing import Protocol


class SettingsStore(Protocol):
    """Bytes by name."""

    async def get(self, name: str) -> bytes | None: ...

    async def put(self, name: str, value: bytes) -> None: ...

    async def put_new(self, name: str, value: bytes) -> bool:
        """Store unless one is there; False when it was: two servers that start at once agree on the first."""
        ...

    async def delete(self, name: str) -> bool: ...
