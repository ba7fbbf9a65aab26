"""`io.kestra.plugin.core.output.OutputValues`: gives named values as outputs."""

from typing import Any

from tiercel.sdk import Output, RunContext, Task, Texts


class OutputValuesOutput(Output, frozen=True):
    values: dict[str, Any]
    """The values: texts where an expression gave them, everything else with the type it is written in."""


class OutputValues(Task[OutputValuesOutput], type="io.kestra.plugin.core.output.OutputValues", instant=True):
    """Give several values as outputs; what an expression gives is a text."""

    example = """
        id: hand_on
        namespace: company.team
        tasks:
          - id: numbers
            type: io.kestra.plugin.core.output.OutputValues
            values:
              answer: "{{ 6 * 7 }}"
              cities: [Bath, "{{ 'york' | capitalize }}"]
          - id: show
            type: io.kestra.plugin.core.log.Log
            message: "{{ outputs.numbers.values.answer }} {{ outputs.numbers.values.cities[1] }}"
    """

    values: dict[str, Texts] = {}
    """Names and values; expressions may stand at any depth, and give texts: a number is read back with `number`."""

    async def run(self, ctx: RunContext) -> OutputValuesOutput:
        return OutputValuesOutput(values=self.values)
