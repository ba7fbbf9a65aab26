"""The reference page of a flow's properties: made from the models; its flows are run by a test."""

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from scripts.reference_inputs import table

from tiercel.model.flow import Check, Concurrency, Flow, Output, PluginDefault, Sla
from tiercel.model.task import Retry
from tiercel.sdk.docs import meanings

_OF_THE_SERVER = frozenset({"tenant_id", "revision", "updated", "deleted"})


def flow() -> str:
    parts = [
        HEAD,
        _properties(Flow, without=_OF_THE_SERVER),
        OF_THE_SERVER,
        LABELS,
        VARIABLES,
        OUTPUTS,
        _properties(Output),
        CHECKS,
        _properties(Check),
        BLOCKS,
        PLUGIN_DEFAULTS,
        _properties(PluginDefault),
        RETRY,
        _properties(Retry),
        CONCURRENCY,
        _properties(Concurrency),
        SLA,
        _properties(Sla),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _properties(model: type[BaseModel], *, without: frozenset[str] = frozenset()) -> str:
    told = meanings(model)
    rows = (
        (_name(name, field), _shape(field), told.get(name, ""))
        for name, field in model.model_fields.items()
        if name not in without
    )
    return table(("property", "", "meaning"), rows)


def _name(name: str, field: FieldInfo) -> str:
    return f"`{field.alias or name}`"


def _shape(field: FieldInfo) -> str:
    """Whether it must be there, and what holds where it is not."""
    if field.is_required():
        return "required"
    default = field.default
    return "" if default in (None, (), "") or isinstance(default, dict) else f"`{_written(default)}`"


def _written(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


HEAD = """# Properties of a flow

A flow is a YAML mapping. Three properties are needed: an id, a namespace, and tasks.

```yaml run
id: smallest
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
```

All of them; the second column says which are required, and what holds where one is absent:
"""

OF_THE_SERVER = """
`tenantId`, `revision`, `updated` and `deleted` are given by the server: they may stand in a text, and are not kept.
What a [task](types.md) may say is told by its type.

Flows of every version of the original are read: properties and types that 2.0 removed work here too, and checking says
which word took the place of an old one.
"""

LABELS = """## Labels

Labels are put on every execution of the flow; whoever starts one may add others and overrule these. Values are texts:
numbers and `true` become one. Keys that begin with `system.` are put by the server alone: `system.correlationId` (the
first execution of a chain), `system.from` (what started it), and others. They are refused in flows, in calls and in tasks,
but for `system.readOnly`, which keeps people from editing the flow in a browser.

```yaml run
id: labelled
namespace: company.team
labels:
  team: falcons
  tier: 1
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ labels.team }} {{ labels.tier }}"
```
"""

VARIABLES = """## Variables

What stands in `variables` is named as `vars.…`, as it is written: an expression in it is rendered where somebody asks for
it by `render`. An execution has its own copy, which SetVariables and UnsetVariables change.

```yaml run
id: variables
namespace: company.team
variables:
  greeting: "Hello from {{ flow.id }}"
  limits:
    rows: 10
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ render(vars.greeting) }}: {{ vars.limits.rows }}"
```
"""

OUTPUTS = """## Outputs

Rendered once, when the tasks are done and before `afterExecution`, of an execution that failed too. A value that cannot be
rendered, or that its type does not take, fails the execution. A SECRET is kept encrypted, and clear to whoever called the
flow by a Subflow.

```yaml run
id: outputs
namespace: company.team
tasks:
  - id: count
    type: io.kestra.plugin.core.output.OutputValues
    values:
      rows: 42
outputs:
  - id: rows
    type: INT
    value: "{{ outputs.count.values.rows }}"
  - id: note
    type: STRING
    required: false
    value: "{{ outputs.count.values.note ?? null }}"
```

"""

CHECKS = """## Checks

Looked at before an execution is created, after its inputs were found good, whoever starts it: a person, a trigger, a
Subflow (the original looks at them where a person or a program calls). What a trigger was to start and a check blocks is an
execution that failed, so that it can be seen. Forms show the message of a check that does not hold as people type.

```yaml run
id: checked
namespace: company.team
inputs:
  - id: rows
    type: INT
    defaults: 10
checks:
  - when: "{{ inputs.rows < 1000 }}"
    message: "{{ inputs.rows }} rows are too many for one run"
    style: ERROR
  - when: "{{ inputs.rows < 5 }}"
    message: this will take a while
    style: WARNING
    behavior: CREATE_EXECUTION
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ inputs.rows }} rows"
```

"""

BLOCKS = """## After the tasks

`errors` runs when a task of the list failed for good, `finally` after both, `afterExecution` when the state and the outputs
are known. None of them makes a failed execution succeed. Tasks that hold tasks have `errors` and `finally` of their own.

```yaml run
id: blocks
namespace: company.team
tasks:
  - id: work
    type: io.kestra.plugin.core.log.Log
    message: working
errors:
  - id: failed
    type: io.kestra.plugin.core.log.Log
    message: this is not written here
finally:
  - id: tidy
    type: io.kestra.plugin.core.log.Log
    message: tidying up
afterExecution:
  - id: tell
    type: io.kestra.plugin.core.log.Log
    message: "ended {{ execution.state }}"
```
"""

PLUGIN_DEFAULTS = """## Plugin defaults

Properties that a flow gives to all its tasks and triggers of a type, at any depth. What a task says itself wins, but over
a forced default; what a default gives is not missing. Those of the flow are nearest, then those that the
[settings](settings.md) give to its namespace, then those for all: of several that are not forced the nearest wins, of
forced ones the farthest.

```yaml run
id: defaults
namespace: company.team
pluginDefaults:
  - type: io.kestra.plugin.core.log
    values:
      level: WARN
tasks:
  - id: loud
    type: io.kestra.plugin.core.log.Log
    message: a warning, by default
  - id: quiet
    type: io.kestra.plugin.core.log.Log
    message: said at its own level
    level: INFO
```

"""

RETRY = """## Retry

For every task that neither has a retry of its own nor stands in one that has.

```yaml run
id: retried
namespace: company.team
retry:
  type: constant
  interval: PT0.1S
  maxAttempts: 3
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: works at once
```

"""

CONCURRENCY = """## Concurrency

```yaml run
id: one_at_a_time
namespace: company.team
concurrency:
  limit: 1
  behavior: QUEUE
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: alone
```

"""

SLA = """## SLA

```yaml run
id: in_time
namespace: company.team
sla:
  - id: quick
    type: MAX_DURATION
    duration: PT1M
    behavior: FAIL
    labels:
      late: "true"
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: in time
```

"""
