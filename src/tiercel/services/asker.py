"""Who asks the world where no task does: an execution, for its conditions, its inputs, its outputs."""

from tiercel.model.execution import Execution
from tiercel.sdk import RunInfo


def asker(execution: Execution) -> RunInfo:
    return RunInfo(
        tenant=execution.tenant,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        flow_revision=execution.flow_revision,
        execution_id=execution.id,
    )
