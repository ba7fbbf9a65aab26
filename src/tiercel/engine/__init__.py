"""The heart: `decide(context, execution, event)` gives the execution after the event and the commands to carry out."""

from tiercel.engine.creation import new_execution
from tiercel.engine.decide import decide
from tiercel.engine.jobs import job
from tiercel.engine.plan import FlowContext, World
from tiercel.engine.restore import restore
from tiercel.engine.variables import variables

__all__ = ["FlowContext", "World", "decide", "job", "new_execution", "restore", "variables"]
