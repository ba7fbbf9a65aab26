"""`io.kestra.plugin.core.state.Get`: data that earlier executions kept."""

from typing import Any

from tiercel.plugins.state.place import StateTask
from tiercel.sdk import Output, RunContext, TaskFailed


class GetOutput(Output, frozen=True):
    count: int
    """How many names the state has."""
    data: dict[str, Any]
    """What is kept, by name."""


class Get(StateTask[GetOutput], type="io.kestra.plugin.core.state.Get"):
    """Read what earlier executions kept. Today one would use `kv.Get`."""

    example = """
        id: read_state
        namespace: company.team
        tasks:
          - id: state
            type: io.kestra.plugin.core.state.Get
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "last run: {{ outputs.state.data.last_run ?? 'never' }}"
    """

    error_on_missing: bool = False
    """Fail where nothing is kept."""

    async def run(self, ctx: RunContext) -> GetOutput:
        kept = await self.kept(ctx)
        if kept is None and self.error_on_missing:
            raise TaskFailed(f"nothing is kept under the name `{self.name}`")
        return GetOutput(count=len(kept or {}), data=kept or {})
