"""Secrets: what `secret()` gives, and what people put in their place.

A namespace sees its own and those of the namespaces above it, the nearest first; the environment of the server, which all
namespaces share, comes last. Values leave this module by `value` alone.
"""

import base64
import binascii
from collections.abc import Mapping

from tiercel.expression import ExpressionError
from tiercel.model.errors import TiercelError
from tiercel.model.execution import Label
from tiercel.model.kv import parent_namespaces
from tiercel.model.sealed import NO_KEY, Cipher, sealing
from tiercel.model.secret import SecretInfo
from tiercel.ports.clock import Clock
from tiercel.ports.dice import Dice
from tiercel.ports.secrets import SecretStore

PREFIX = "SECRET_"
MOST_KNOWN = 10_000
"""How many answers of the store are remembered; they are encrypted, as they came."""


class NoKey(TiercelError):
    """Without a key nothing can be encrypted."""

    def __init__(self) -> None:
        super().__init__(f"secrets cannot be stored: {NO_KEY}")


class NoSuchSecret(TiercelError):
    def __init__(self, namespace: str, key: str) -> None:
        super().__init__(f"the namespace `{namespace}` has no secret `{key}`")
        self.namespace, self.key = namespace, key


class Secrets:
    """Call `watch` once, or what other processes write is not seen."""

    def __init__(
        self,
        store: SecretStore,
        *,
        environment: Mapping[str, str],
        clock: Clock,
        dice: Dice,
        cipher: Cipher | None = None,
    ) -> None:
        self._store = store
        self._environment = environment
        """Secrets stand in it, in Base64, as SECRET_<KEY>."""
        self._clock = clock
        self._dice = dice
        self._cipher = cipher
        self._known: dict[tuple[str, str, str], str | None] = {}
        self._changes = 0
        """How often something was written: an answer that was read before is not remembered after."""

    @property
    def is_read_only(self) -> bool:
        """Whether there is no key to encrypt with."""
        return self._cipher is None

    async def watch(self) -> None:
        """Forget what is known whenever a secret is written."""
        await self._store.watch(self._forget)

    def _forget(self) -> None:
        self._changes += 1
        self._known.clear()

    # For expressions --------------------------------------------------------------------------------------------------

    async def value(self, key: str, *, tenant: str, namespace: str) -> str:
        """The clear text. Raises ExpressionError."""
        encrypted = await self._encrypted(tenant, namespace, key)
        if encrypted is None:
            return self._from_environment(key, namespace)
        if self._cipher is None:
            raise ExpressionError("host", f"the secret `{key}` of `{namespace}` cannot be read: {NO_KEY}")
        return self._cipher.decrypt(encrypted)

    async def _encrypted(self, tenant: str, namespace: str, key: str) -> str | None:
        place = (tenant, namespace, key)
        if place in self._known:
            return self._known[place]
        changes = self._changes
        found = await self._store.get(tenant=tenant, namespaces=parent_namespaces(namespace), key=key)
        if changes == self._changes:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[place] = found
        return found

    def _from_environment(self, key: str, namespace: str) -> str:
        name = PREFIX + key.upper()
        encoded = self._environment.get(name)
        if encoded is None:
            raise ExpressionError(
                "missing",
                f"there is no secret `{key}`; store it by `tiercel secret set {namespace} {key}`, "
                f"or give the server {name}, in Base64",
            )
        try:
            return base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ExpressionError("value", f"{name} is no text in Base64") from None

    # For people -------------------------------------------------------------------------------------------------------

    async def put(
        self,
        value: str,
        *,
        tenant: str,
        namespace: str,
        key: str,
        description: str | None = None,
        tags: tuple[Label, ...] | None = None,
    ) -> None:
        """Write a secret; None for description and tags keeps those that are there. Raises NoKey."""
        if self._cipher is None:
            raise NoKey
        encrypted = sealing(self._cipher, self._dice.roll(), tenant, namespace, key)(value)["value"]
        await self._store.put(
            encrypted,
            tenant=tenant,
            namespace=namespace,
            key=key,
            at=self._clock.now(),
            description=description,
            tags=tags,
        )
        self._forget()

    async def describe(
        self, *, tenant: str, namespace: str, key: str, description: str | None, tags: tuple[Label, ...] | None
    ) -> None:
        """Write anew what is said of a secret; None keeps it. Raises NoSuchSecret."""
        at = self._clock.now()
        if not await self._store.describe(
            tenant=tenant, namespace=namespace, key=key, at=at, description=description, tags=tags
        ):
            raise NoSuchSecret(namespace, key)

    async def delete(self, *, tenant: str, namespace: str, key: str) -> None:
        """Forget a secret. Raises NoSuchSecret."""
        is_there = await self._store.delete(tenant=tenant, namespace=namespace, key=key)
        self._forget()
        if not is_there:
            raise NoSuchSecret(namespace, key)

    async def listed(self, *, tenant: str, namespace: str | None = None, text: str = "") -> list[SecretInfo]:
        """Those of one namespace, or of all, whose key contains the text."""
        wanted = None if namespace is None else [namespace]
        return await self._store.listed(tenant=tenant, namespaces=wanted, text=text)

    async def seen_from(self, *, tenant: str, namespace: str) -> dict[str, list[str]]:
        """The keys that flows of a namespace may name, by the namespace that has them; those of the environment are its own."""
        namespaces = parent_namespaces(namespace)
        found: dict[str, list[str]] = {each: [] for each in namespaces}
        for info in await self._store.listed(tenant=tenant, namespaces=namespaces):
            found[info.namespace].append(info.key)
        found[namespace] += [key for key in self.of_environment() if key not in found[namespace]]
        return {each: keys for each, keys in found.items() if keys}

    def of_environment(self) -> list[str]:
        """The keys that all namespaces share."""
        return sorted(name.removeprefix(PREFIX) for name in self._environment if name.startswith(PREFIX))
