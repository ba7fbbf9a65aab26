"""`io.kestra.plugin.core.flow.PurgeFlows`: forgets old revisions of flows."""

from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tiercel.plugins.purging import means_namespace
from tiercel.sdk import FlowName, Output, Properties, RunContext, Task


class KeepNewest(Properties):
    """Delete old revisions of the flows."""

    type: Literal["version"] = "version"
    """`version`: by revision."""
    keep_amount: Annotated[int, Field(ge=1)]
    """How many of the newest revisions stay."""


class PurgeOutput(Output, frozen=True):
    size: int
    """How many revisions were deleted."""


class PurgeFlows(Task[PurgeOutput], type="io.kestra.plugin.core.flow.PurgeFlows"):
    """Delete old revisions of flows. The latest one stays, and those of executions that are not over.

    What ran by a deleted revision is shown, and cannot be restarted, replayed or told again.
    """

    example = """
        id: tidy_flows
        namespace: company.system
        tasks:
          - id: purge
            type: io.kestra.plugin.core.flow.PurgeFlows
            namespaces: [company]
            behavior:
              type: version
              keepAmount: 10
    """

    flow_pattern: str | None = None
    """Only flows whose id fits; `*` stands for any text, `?` for one character."""
    namespaces: list[str] | None = None
    """Which namespaces; without any, all of them."""
    namespace_pattern: str | None = None
    """Which namespaces, by a pattern."""
    include_child_namespaces: bool = True
    """Those below the ones that are named, too."""
    behavior: KeepNewest
    """Which revisions stay."""

    @model_validator(mode="after")
    def _names_namespaces_once(self) -> "PurgeFlows":
        if self.namespaces is not None and self.namespace_pattern is not None:
            raise ValueError("set either `namespaces` or `namespacePattern`")
        return self

    async def run(self, ctx: RunContext) -> PurgeOutput:
        meant = [flow for flow in await ctx.server.flows() if self._means(flow)]
        size = sum([await ctx.server.purge_revisions(flow, keep=self.behavior.keep_amount) for flow in meant])
        ctx.log.info(f"{size} revisions deleted")
        return PurgeOutput(size=size)

    def _means(self, flow: FlowName) -> bool:
        fits = self.flow_pattern is None or fnmatchcase(flow.id, self.flow_pattern)
        return fits and means_namespace(
            flow.namespace,
            namespaces=self.namespaces,
            pattern=self.namespace_pattern,
            children=self.include_child_namespaces,
        )
