"""What the actions of a case may do, by the words that cases use."""

from tests.conformance.begin import run
from tests.conformance.control import change, forge, kill, replay, restart, resume, resume_from_breakpoint, update_flow
from tests.conformance.ignored import configure
from tests.conformance.look import (
    assert_counter,
    assert_executions,
    assert_none,
    assert_total,
    await_child,
    await_count,
    await_flow,
    await_logs,
    get_child,
    looks,
    wait,
)
from tests.conformance.play import Verb

VERBS: dict[str, Verb] = {
    "run": run,
    "configure_ignore": configure,
    "await": wait,
    "assert": looks,
    "await_flow": await_flow,
    "await_flow_count": await_count,
    "await_child": await_child,
    "get_child": get_child,
    "assert_flow_executions": assert_executions,
    "assert_no_flow_execution": assert_none,
    "assert_flow_execution_total": assert_total,
    "assert_concurrency_counter": assert_counter,
    "await_logs": await_logs,
    "kill": kill,
    "resume": resume,
    "restart": restart,
    "replay": replay,
    "mark_as": change,
    "change_taskrun_state": change,
    "update_flow": update_flow,
    "forge_execution": forge,
    "resume_from_breakpoint": resume_from_breakpoint,
}
