"""`io.kestra.plugin.core.execution.Count`: how many executions flows had, and which of the numbers matter."""

from pydantic import AwareDatetime, model_validator

from tiercel.sdk import Output, Properties, Raw, RunContext, State, Task, Which, is_true


class CountedFlow(Properties):
    """A flow whose executions are counted."""

    namespace: str
    """Its namespace."""
    flow_id: str
    """Its id."""


class CountOutput(Output, frozen=True):
    results: list[dict[str, str | int | None]]
    """For those whose number matters: `namespace`, `flowId`, `count`."""
    total: int
    """The sum of these."""


class Count(Task[CountOutput], type="io.kestra.plugin.core.execution.Count"):
    """Count executions by flow or namespace, to find those that had none, or too many."""

    example = """
        id: missing_runs
        namespace: company.system
        tasks:
          - id: none_today
            type: io.kestra.plugin.core.execution.Count
            flows:
              - namespace: company.team
                flowId: daily_import
            states: [SUCCESS]
            startDate: "{{ now() | dateAdd(-1, 'DAYS') }}"
            expression: "{{ count == 0 }}"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.none_today.results }}"
    """

    flows: list[CountedFlow] | None = None
    """Flows, each counted by itself."""
    namespaces: list[str] | None = None
    """Namespaces with those below them, each counted by itself."""
    states: list[State] = []
    """Only executions in these states."""
    start_date: AwareDatetime
    """Only executions that began at or after this instant."""
    end_date: AwareDatetime | None = None
    """Only executions that began before this instant."""
    expression: Raw[str]
    """Which numbers matter: rendered for each, with the number as `count`."""

    @model_validator(mode="after")
    def _says_what(self) -> "Count":
        if not self.flows and not self.namespaces:
            raise ValueError("one of `flows` and `namespaces` is needed")
        return self

    async def run(self, ctx: RunContext) -> CountOutput:
        results: list[dict[str, str | int | None]] = []
        total = 0
        for namespace, flow_id in self._counted():
            number = await ctx.server.count(self._which(namespace, flow_id))
            if is_true(str(await ctx.render(self.expression, {"count": number})).strip()):
                results.append({"namespace": namespace, "flowId": flow_id, "count": number})
                total += number
        ctx.log.info(f"{len(results)} of {len(self._counted())} numbers matter")
        return CountOutput(results=results, total=total)

    def _counted(self) -> list[tuple[str, str | None]]:
        named: list[tuple[str, str | None]] = [(flow.namespace, flow.flow_id) for flow in self.flows or ()]
        return named + [(namespace, None) for namespace in self.namespaces or ()]

    def _which(self, namespace: str, flow_id: str | None) -> Which:
        return Which(namespace=namespace, flow_id=flow_id, states=self.states, start=self.start_date, end=self.end_date)
