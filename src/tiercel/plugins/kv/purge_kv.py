"""`io.kestra.plugin.core.kv.PurgeKV`: forgets what expired, or old revisions, in many namespaces at once."""

from collections.abc import AsyncIterator
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tiercel.plugins.purging import PurgeRevisions, means_namespace
from tiercel.sdk import KeyValues, KvEntry, Output, Properties, RunContext, Task


class PurgeKeys(Properties):
    """Delete whole keys."""

    type: Literal["key"] = "key"
    """Keys are deleted with all their revisions."""
    expired_only: bool = True
    """False: those that are alive too."""


class PurgeOutput(Output, frozen=True):
    size: int
    """How many keys or revisions were deleted."""


class PurgeKV(Task[PurgeOutput], type="io.kestra.plugin.core.kv.PurgeKV"):
    """Delete expired keys, or old revisions, of the namespaces that are meant."""

    example = """
        id: tidy
        namespace: company.system
        tasks:
          - id: expired
            type: io.kestra.plugin.core.kv.PurgeKV
            namespacePattern: "company.*"
          - id: revisions
            type: io.kestra.plugin.core.kv.PurgeKV
            namespaces: [company.team]
            behavior:
              type: version
              keepAmount: 5
    """

    key_pattern: str | None = None
    """Only keys that fit; `*` stands for any text, `?` for one character."""
    namespaces: list[str] | None = None
    """Which namespaces; without any, all of them."""
    namespace_pattern: str | None = None
    """Which namespaces, by a pattern."""
    include_child_namespaces: bool = True
    """Those below the ones that are named, too."""
    behavior: Annotated[PurgeKeys | PurgeRevisions, Field(discriminator="type")] = PurgeKeys()
    """What is deleted: keys, or their old revisions."""
    expired_only: Annotated[bool | None, Field(deprecated="write `behavior: {type: key, expiredOnly: …}` instead")] = (
        None
    )
    """False: keys that are alive too."""

    @model_validator(mode="after")
    def _names_namespaces_once(self) -> "PurgeKV":
        if self.namespaces is not None and self.namespace_pattern is not None:
            raise ValueError("set either `namespaces` or `namespacePattern`")
        return self

    async def run(self, ctx: RunContext) -> PurgeOutput:
        # Listed before anything is deleted: a page of a listing must not move while it is read.
        meant = [entry async for entry in self._candidates(ctx.kv) if self._means(entry)]
        size = sum([await self._purge(ctx.kv, entry) for entry in meant])
        ctx.log.info(f"{size} deleted")
        return PurgeOutput(size=size)

    def _candidates(self, kv: KeyValues) -> AsyncIterator[KvEntry]:
        return kv.expired() if self._only_expired() else kv.everywhere()

    def _only_expired(self) -> bool:
        if isinstance(self.behavior, PurgeRevisions):
            return False
        old_place: bool | None = self.__dict__["expired_only"]
        return self.behavior.expired_only if old_place is None else old_place

    def _means(self, entry: KvEntry) -> bool:
        fits = self.key_pattern is None or fnmatchcase(entry.key, self.key_pattern)
        return fits and means_namespace(
            entry.namespace,
            namespaces=self.namespaces,
            pattern=self.namespace_pattern,
            children=self.include_child_namespaces,
        )

    async def _purge(self, kv: KeyValues, entry: KvEntry) -> int:
        if isinstance(self.behavior, PurgeRevisions):
            return await kv.purge_revisions(entry, before=self.behavior.before, keep=self.behavior.keep_amount)
        await kv.delete(entry.key, entry.namespace)
        return 1
