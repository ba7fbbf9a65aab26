"""Runs a task as the executor does, and gives what it left."""

from types import SimpleNamespace
from typing import Any, cast

from tests.services.jobs import a_job

from tiercel.adapters.memory.clock import START
from tiercel.model.spilled import OutputLimits
from tiercel.services.catalog import PluginCatalog
from tiercel.services.outcome import Outcome
from tiercel.services.run_task import TaskRunner
from tiercel.services.workplace import Workplace

NOWHERE = cast(Workplace, SimpleNamespace(cipher=None, limits=OutputLimits()))
"""An instant task touches nothing of the world."""
RUNNER = TaskRunner(PluginCatalog.installed(), NOWHERE)


def run(type: str, properties: dict[str, Any], **variables: Any) -> Outcome:
    outcome = RUNNER.run_instant(a_job(type, properties, variables=variables), at=START)
    assert outcome is not None
    return outcome


def lines(outcome: Outcome) -> list[tuple[str, str]]:
    return [(entry.level, entry.message) for entry in outcome.entries]
