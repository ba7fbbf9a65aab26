"""`io.kestra.plugin.core.debug.Return`: gives a rendered text as output."""

import time

from tiercel.sdk import Output, RunContext, Task


class ReturnOutput(Output, frozen=True):
    value: str | None = None
    """The rendered text; null where no format is given."""


class Return(Task[ReturnOutput], type="io.kestra.plugin.core.debug.Return", instant=True):
    """Give a text back as output, for trying out expressions and for handing values on."""

    example = """
        id: give_back
        namespace: company.team
        tasks:
          - id: today
            type: io.kestra.plugin.core.debug.Return
            format: "{{ execution.startDate | date('yyyy-MM-dd') }}"
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.today.value }}"
    """

    format: str | None = None
    """The text to give back."""

    async def run(self, ctx: RunContext) -> ReturnOutput:
        started = time.perf_counter()
        ctx.log.debug(self.format or "")
        ctx.counter("length", len(self.format or ""), format="string")
        ctx.timer("duration", time.perf_counter() - started, format="string")
        return ReturnOutput(value=self.format)
