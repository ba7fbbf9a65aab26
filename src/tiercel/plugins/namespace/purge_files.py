"""`io.kestra.plugin.core.namespace.PurgeFiles`: forgets old revisions of files in many namespaces at once."""

from pydantic import Field, model_validator

from tiercel.plugins.purging import PurgeRevisions, means_namespace
from tiercel.sdk import NamespaceFile, Output, RunContext, Task
from tiercel.sdk.patterns import fits_any


class PurgeOutput(Output, frozen=True):
    size: int
    """How many revisions were deleted."""


class PurgeFiles(Task[PurgeOutput], type="io.kestra.plugin.core.namespace.PurgeFiles"):
    """Delete old revisions of namespace files; the latest one of each stays."""

    example = """
        id: tidy_revisions
        namespace: company.system
        tasks:
          - id: purge
            type: io.kestra.plugin.core.namespace.PurgeFiles
            namespacePattern: "company.*"
            behavior:
              type: version
              keepAmount: 5
    """

    file_pattern: str | None = None
    """Only files whose path fits."""
    namespaces: list[str] | None = None
    """Which namespaces; without any, all of them."""
    namespace_pattern: str | None = None
    """Which namespaces, by a pattern."""
    include_child_namespaces: bool = True
    """Those below the ones that are named, too."""
    behavior: PurgeRevisions = Field(default_factory=lambda: PurgeRevisions(type="version", keep_amount=1))
    """Which revisions are deleted."""

    @model_validator(mode="after")
    def _names_namespaces_once(self) -> "PurgeFiles":
        if self.namespaces is not None and self.namespace_pattern is not None:
            raise ValueError("set either `namespaces` or `namespacePattern`")
        return self

    async def run(self, ctx: RunContext) -> PurgeOutput:
        before, keep = self.behavior.before, self.behavior.keep_amount
        # Listed before anything is deleted: a page of a listing must not move while it is read.
        meant = [file async for file in ctx.namespace_files.everywhere() if self._means(file)]
        size = sum([await ctx.namespace_files.purge_revisions(file, before=before, keep=keep) for file in meant])
        ctx.log.info(f"{size} revisions deleted")
        return PurgeOutput(size=size)

    def _means(self, file: NamespaceFile) -> bool:
        fits = self.file_pattern is None or fits_any(file.path, [self.file_pattern])
        return fits and means_namespace(
            file.namespace,
            namespaces=self.namespaces,
            pattern=self.namespace_pattern,
            children=self.include_child_namespaces,
        )
