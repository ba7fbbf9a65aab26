"""Flows migrated for a test."""

from collections.abc import Sequence
from textwrap import dedent

from tiercel import definition
from tiercel.definition import Problem
from tiercel.definition.migration import Migration, migrate
from tiercel.services.catalog import PluginCatalog

CATALOG = PluginCatalog.installed()
HEAD = "id: old\nnamespace: my.team\n"
LOG = "io.kestra.plugin.core.log.Log"
FLOW = "io.kestra.plugin.core.flow."
PAUSE = f"""\
tasks:
  - id: wait
    type: {FLOW}Pause
    tasks:
      # what comes then
      - id: after
        type: {LOG}
        message: |
          two
            lines
    delay: PT1S
  - id: end
    type: {LOG}
    message: x
"""
EACH = f"""\
tasks:
  - id: each
    type: {FLOW}EachSequential
    value: ["x", "y"]
    tasks:
      - id: inner
        type: io.kestra.plugin.core.debug.Return
        format: "{{{{ taskrun.value }}}} {{{{ taskrun.iteration }}}} taskrun.value"
      - id: use
        type: {LOG}
        message: "{{{{ outputs.inner[taskrun.value].value }}}}"  # of this round
"""


def checked(text: str) -> Sequence[Problem]:
    defaults = definition.Defaults(resolve=CATALOG.resolve)
    return definition.check(definition.read(text, defaults=defaults), CATALOG)


def migrated(text: str) -> Migration:
    return migrate(text, resolve=CATALOG.resolve, check=checked)


def anew(body: str) -> str:
    """What a flow becomes, all of it changed with certainty."""
    found = migrated(HEAD + dedent(body))
    assert found.left == ()
    assert not definition.errors(checked(found.text))
    assert not [problem for problem in checked(found.text) if problem.code in ("deprecated", "alias")]
    return found.text.removeprefix(HEAD)


def by_hand(body: str) -> list[str]:
    """What is left of a flow, which stays as it is."""
    text = HEAD + dedent(body)
    found = migrated(text)
    assert found.text == text
    return [step.message for step in found.left]
