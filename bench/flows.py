"""The flows of the workloads, letter for letter as they are measured elsewhere."""

NAMESPACE = "benchmarks"

_WEBHOOK = """
triggers:
  - {id: webhook, type: io.kestra.plugin.core.trigger.Webhook, key: benchmark}
"""

B1 = f"""
id: benchmark01
namespace: {NAMESPACE}
inputs:
  - {{id: name, type: STRING, defaults: World}}
{_WEBHOOK}
tasks:
  - id: concatenate
    type: io.kestra.plugin.core.output.OutputValues
    values:
      message: Hello {{{{ inputs.name }}}}
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "{{{{ outputs.concatenate.values.message }}}}"
"""


def chain(length: int) -> str:
    """Log tasks in a row."""
    tasks = "\n".join(
        f"  - {{id: t{number}, type: io.kestra.plugin.core.log.Log, message: hello {number}}}"
        for number in range(length)
    )
    return f"id: chain-{length}\nnamespace: {NAMESPACE}\n{_WEBHOOK}tasks:\n{tasks}\n"


def fanout_parallel(width: int) -> str:
    """Log tasks at the same time."""
    tasks = "\n".join(
        f"      - {{id: t{number}, type: io.kestra.plugin.core.log.Log, message: hello {number}}}"
        for number in range(width)
    )
    head = f"id: fanout-parallel-{width}\nnamespace: {NAMESPACE}\n{_WEBHOOK}"
    return f"{head}tasks:\n  - id: fan\n    type: io.kestra.plugin.core.flow.Parallel\n    tasks:\n{tasks}\n"


def fanout_foreach(width: int) -> str:
    """One Log for each value of a range."""
    return f"""
id: fanout-foreach-{width}
namespace: {NAMESPACE}
{_WEBHOOK}
tasks:
  - id: fan
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{{{ range(1, {width}) }}}}"
    concurrencyLimit: 0
    tasks:
      - {{id: t, type: io.kestra.plugin.core.log.Log, message: "hello {{{{ taskrun.value }}}}"}}
"""
