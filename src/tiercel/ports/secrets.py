"""The secrets that namespaces have, encrypted: whoever keeps them cannot read them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from tiercel.model.execution import Label
from tiercel.model.secret import SecretInfo


class SecretStore(Protocol):
    """Encrypted texts by namespace and key. A key is what it is: `token` and `TOKEN` are two."""

    async def get(self, *, tenant: str, namespaces: Sequence[str], key: str) -> str | None:
        """The encrypted text of the first of these namespaces that has the key."""
        ...

    async def put(
        self,
        encrypted: str,
        *,
        tenant: str,
        namespace: str,
        key: str,
        at: datetime,
        description: str | None = None,
        tags: tuple[Label, ...] | None = None,
    ) -> None:
        """Write a secret. None for description and tags keeps those that are there."""
        ...

    async def describe(
        self,
        *,
        tenant: str,
        namespace: str,
        key: str,
        at: datetime,
        description: str | None,
        tags: tuple[Label, ...] | None,
    ) -> bool:
        """Write anew what is said of a secret; None keeps it. Whether there is such a secret."""
        ...

    async def delete(self, *, tenant: str, namespace: str, key: str) -> bool:
        """Whether there was something to delete."""
        ...

    async def listed(self, *, tenant: str, namespaces: Sequence[str] | None = None, text: str = "") -> list[SecretInfo]:
        """Those of these namespaces, or of all, whose key contains the text, by namespace and key."""
        ...

    async def watch(self, changed: Callable[[], None]) -> None:
        """From now on `changed` is called when a secret was written or deleted, by whichever process."""
        ...
