"""The heart: `decide(context, execution, event)` gives the execution after the event and the commands to carry out."""

from tiercel.engine.creation import batch_execution, new_execution
from tiercel.engine.decide import decide
from tiercel.engine.jobs import job
from tiercel.engine.plan import FlowContext, World
from tiercel.engine.replays import replay
from tiercel.engine.restore import Above, restore, seen_from_below
from tiercel.engine.variables import variables

__all__ = [
    "Above",
    "FlowContext",
    "World",
    "batch_execution",
    "decide",
    "job",
    "new_execution",
    "replay",
    "restore",
    "seen_from_below",
    "variables",
]
