"""Which tasks of a flow its unit tests came to."""

from tiercel.cli.run_local import Local
from tiercel.cli.suite_case import runs_of
from tiercel.cli.suite_files import Name
from tiercel.services.records import read_execution
from tiercel.services.suite_results import Coverage


def coverage_of(here: Local, name: Name) -> Coverage:
    """Of all executions here, iterations of loops and subflows too."""
    stored = here.registry.latest("main", *name)
    tasks = () if stored is None else tuple(here.registry.deployed(stored).context.nodes)
    executed: set[str] = set()
    fixed: set[str] = set()
    for row in here.stores.tables.executions.values():
        execution = read_execution(row)
        if (execution.namespace, execution.flow_id) == name:
            given = {fixture.id for fixture in execution.fixtures}
            for run in runs_of(here, execution.id):
                (fixed if run.task_id in given else executed).add(run.task_id)
    return Coverage(
        namespace=name[0],
        flow_id=name[1],
        total=len(tasks),
        executed=tuple(task for task in tasks if task in executed),
        fixed=tuple(task for task in tasks if task in fixed - executed),
        missed=tuple(task for task in tasks if task not in executed | fixed),
    )
