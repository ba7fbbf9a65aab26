"""The flows of the workloads, letter for letter as they are measured elsewhere."""

from collections.abc import Sequence

NAMESPACE = "benchmarks"
SCHEDULE = "io.kestra.plugin.core.trigger.Schedule"

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


def _if(number: int) -> str:
    log = "type: io.kestra.plugin.core.log.Log, message: Hello"
    return f"""
  - id: if{number}
    type: io.kestra.plugin.core.flow.If
    condition: "{{{{inputs.condition}}}}"
    then:
      - {{id: hello-true-{number}, {log} True {number}}}
    else:
      - {{id: hello-false-{number}, {log} False {number}}}"""


B2 = f"""
id: benchmark02
namespace: {NAMESPACE}
inputs:
  - {{id: condition, type: BOOL, defaults: true}}
{_WEBHOOK}
tasks:{"".join(_if(number) for number in range(1, 6))}
"""


def b3(kind: str) -> str:
    """A hundred values: `ForEach` runs them within one execution, `Loop` each as an execution of its own."""
    return f"""
id: benchmark03-{kind.lower()}
namespace: {NAMESPACE}
{_WEBHOOK}
tasks:
  - id: foreach
    type: io.kestra.plugin.core.flow.{kind}
    values: "{{{{range(1, 100)}}}}"
    concurrencyLimit: 0
    tasks:
      - id: output
        type: io.kestra.plugin.core.output.OutputValues
        values: {{some: value}}
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


def fanout_loop(width: int) -> str:
    """One execution with a Log for each value of a range."""
    return f"""
id: fanout-loop-{width}
namespace: {NAMESPACE}
{_WEBHOOK}
tasks:
  - id: fan
    type: io.kestra.plugin.core.flow.Loop
    values: "{{{{ range(1, {width}) }}}}"
    concurrencyLimit: 0
    tasks:
      - {{id: t, type: io.kestra.plugin.core.log.Log, message: "hello {{{{ item.value }}}}"}}
"""


def scheduled(number: int, minutes: Sequence[int]) -> str:
    """A line each day, for each of these minutes of the day."""
    triggers = "\n".join(
        f'  - {{id: t{place}, type: {SCHEDULE}, cron: "{minute % 60} {minute // 60} * * *", timezone: UTC}}'
        for place, minute in enumerate(minutes)
    )
    task = "{id: t, type: io.kestra.plugin.core.log.Log, message: hello}"
    return f"id: scheduled-{number}\nnamespace: {NAMESPACE}\ntasks:\n  - {task}\ntriggers:\n{triggers}\n"


FLOW_OF_60_LINES = f"""id: sixty_lines
namespace: {NAMESPACE}
description: Reads orders, tells large ones apart, and reports.
labels:
  team: data
  env: production
inputs:
  - id: name
    type: STRING
    defaults: World
  - id: day
    type: DATE
    required: false
  - id: limit
    type: INT
    defaults: 10
    min: 1
variables:
  greeting: Hello
tasks:
  - id: greet
    type: io.kestra.plugin.core.output.OutputValues
    values:
      message: "{{{{ vars.greeting }}}} {{{{ inputs.name }}}}"
  - id: decide
    type: io.kestra.plugin.core.flow.If
    condition: "{{{{ inputs.limit > 5 }}}}"
    then:
      - id: many
        type: io.kestra.plugin.core.log.Log
        message: "{{{{ outputs.greet.values.message }}}}: up to {{{{ inputs.limit }}}}"
    else:
      - id: few
        type: io.kestra.plugin.core.log.Log
        message: only {{{{ inputs.limit }}}}
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: "{{{{ range(1, 10) }}}}"
    concurrencyLimit: 2
    tasks:
      - id: show
        type: io.kestra.plugin.core.log.Log
        message: "number {{{{ taskrun.value }}}} of {{{{ inputs.day ?? now('iso_local_date') }}}}"
        retry:
          type: constant
          interval: PT10S
          maxAttempts: 3
errors:
  - id: alarm
    type: io.kestra.plugin.core.log.Log
    level: ERROR
    message: "{{{{ flow.id }}}} has failed"
triggers:
  - id: nightly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 2 * * *"
outputs:
  - id: message
    type: STRING
    value: "{{{{ outputs.greet.values.message }}}}"
"""
