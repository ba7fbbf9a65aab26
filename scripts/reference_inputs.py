"""The reference page of inputs: made from the models and the table of types; its flows are run by a test."""

import json
from collections.abc import Iterable, Iterator

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from tiercel.definition.input_types import INPUT_TYPES, About, own_properties
from tiercel.model.flow import DependsOn, Input, InputType
from tiercel.sdk.docs import meanings

_ONLY_OF_OLD = frozenset({"options", "allowedFileExtensions"})


def inputs() -> str:
    parts = [HEAD, _common(), TYPES, _types(), _own(), FINDING, EXAMPLES, GIVING, DIFFERENT]
    return "\n".join(parts).rstrip() + "\n"


def _common() -> str:
    told = {name: text for name, text in _told(Input).items() if name not in own_properties()}
    needs = {f"dependsOn.{name}": text for name, text in _told(DependsOn).items()}
    return table(("property", "meaning"), _code_first(told | needs))


def _told(model: type[BaseModel]) -> dict[str, str]:
    """What the texts beneath the properties of a model say, by the names they have in a flow."""
    texts = meanings(model)
    return {to_camel(name): texts[name] for name in model.model_fields}


def _types() -> str:
    rows = (row for kind, about in INPUT_TYPES.items() for row in _row(kind, about))
    return table(("type", "what it takes", "for example", "is kept as", "properties of its own"), rows)


def _row(kind: InputType, about: About) -> Iterator[tuple[str, ...]]:
    own = ", ".join(f"`{name}`" for name in about.properties if name not in _ONLY_OF_OLD)
    instead = f" Write `{about.instead}`." if about.instead else ""
    given = f"`{about.given}`" if about.given is not None else ""
    kept = f"`{json.dumps(about.kept)}`" if about.kept is not None else ""
    yield f"`{kind}`", about.meaning + instead, given, kept, own


def _own() -> str:
    told = {name: text for name, text in _told(Input).items() if name in own_properties()}
    return "\nThe properties that only some types have:\n\n" + table(("property", "meaning"), _code_first(told))


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code_first(told: dict[str, str]) -> list[tuple[str, str]]:
    return [(f"`{name}`", text) for name, text in told.items()]


HEAD = """# Inputs

What an execution is started with. Each input has a type; expressions name its value as `inputs.<id>`.

```yaml run
id: order
namespace: company.team
inputs:
  - id: article
    type: STRING
    defaults: falcon
  - id: count
    type: INT
    min: 1
    max: 10
    defaults: 3
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ inputs.count }} × {{ inputs.article }}"
```
"""

TYPES = """## Types
"""

FINDING = """
## How a value is found

Inputs are resolved in their order, those that another depends on before it.

1. An input that is switched off (`dependsOn`) has no value, and nobody misses it.
2. The value is the one given, else that of an earlier execution (a replay), else the default.
3. No value: an error if it is required, null if not. An empty text is no value for an optional input, except where it is
   a text like others: STRING, SECRET, EMAIL, SELECT, ENUM.
4. The value is read as its type, then checked: pattern, bounds, list, ending.

All that is wrong is told at once, by input; nothing is created then. What is given and not declared is let pass, with a
warning in the log of the execution.
"""

EXAMPLES = """## One that depends on another

An input sees only the inputs that it depends on: the others may have no value yet. Forms ask for `city` here when
`delivery` is true, and its default follows the country.

```yaml run
id: delivery
namespace: company.team
inputs:
  - id: country
    type: SELECT
    values: [AT, DE]
    defaults: AT
  - id: delivery
    type: BOOL
    defaults: true
  - id: city
    type: STRING
    defaults: "{{ inputs.country == 'AT' ? 'Graz' : 'Bonn' }}"
    dependsOn:
      inputs: [country, delivery]
      condition: "{{ inputs.delivery }}"
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "to {{ inputs.city }}"
```

## One of a list

The list may be computed. An entry may have a label for people beside the value that the flow receives.

```yaml run
id: choices
namespace: company.team
variables:
  regions: [eu, us]
inputs:
  - id: region
    type: SELECT
    expression: "{{ vars.regions }}"
    autoSelectFirst: true
  - id: size
    type: SELECT
    isRadio: true
    values:
      - label: Small
        value: s
      - label: Large
        value: l
    defaults: s
  - id: extras
    type: MULTISELECT
    values: [ribbon, card]
    allowCustomValue: true
    defaults: [ribbon, balloon]
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ inputs.region }} {{ inputs.size }} {{ inputs.extras | join(' ') }}"
```

## Groups

A dot in an id makes a group, and so does a FORM, which forms show together. `dependsOn` of a FORM is for all in it;
between inputs of one FORM the whole name is written.

```yaml run
id: groups
namespace: company.team
inputs:
  - id: db.user
    type: STRING
    defaults: ann
  - id: target
    type: FORM
    displayName: Where it goes
    inputs:
      - id: host
        type: STRING
        defaults: localhost
      - id: url
        type: URI
        defaults: "https://{{ inputs.target.host }}/a"
        dependsOn:
          inputs: [target.host]
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ inputs.db.user }} {{ inputs.target.url }}"
```

## Lists and data

```yaml run
id: data
namespace: company.team
inputs:
  - id: days
    type: ARRAY
    itemType: DATE
    defaults: ["2026-03-01", "2026-03-02"]
  - id: limits
    type: JSON
    defaults:
      cpu: 2
  - id: wait
    type: DURATION
    defaults: PT5M
    max: PT1H
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ inputs.days | first }} {{ inputs.limits.cpu }} {{ inputs.wait }}"
```

## Secrets

A SECRET is encrypted before anything is stored, with the key in `kestra.encryption.secret-key`
([settings](settings.md)). It is opened where an expression is rendered, starred in logs, and never shown by the API.
Without a key it is refused; `tiercel run` makes a key that lasts as long as the run.

```yaml run
id: secrets
namespace: company.team
inputs:
  - id: token
    type: SECRET
    validator: "[a-z]+-[0-9]+"
    defaults: falcon-7
tasks:
  - id: use
    type: io.kestra.plugin.core.log.Log
    message: "the token is {{ inputs.token }}"
outputs:
  - id: next
    type: SECRET
    value: "{{ inputs.token }}-next"
```
"""

GIVING = """## How values are given

On the command line, as often as there are inputs; a FILE is the path of one:

    tiercel run order.yaml --input article=eagle --input count=4

By the API as JSON, or as parts of a form, each named by the input's id. A part with a file name is a file; older clients
call the part `files` and the file by the id. `POST …/executions/{namespace}/{id}/validate` takes the same and answers what
would become of it, without creating anything.

A Subflow, a Schedule or a Webhook gives a mapping, `inputs`, of texts or of values that have their type already.

A Pause asks for inputs too, in `onResume`, with the same types and properties.
"""

DIFFERENT = """## What the original does otherwise

- All that is wrong is told at once; the original tells the first input's mistakes.
- Secrets are never shown again, by no request; a recorded server shows nested ones in clear after a while.
- URI takes hosts without a dot, such as `localhost`.
- Input and default that contradict each other (`required: false` and `defaults`) are warned of and not refused.
- A DURATION is kept as ISO-8601 text; the recorded server shows seconds.
"""
