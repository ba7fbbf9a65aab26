"""`tiercel run FLOW.yaml`: one execution of a flow, in this very process.

The command and its options; what happens then is run_once's.
"""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter


def run(
    file: Path,
    *,
    inputs: Annotated[tuple[str, ...], Parameter(name=["--input", "-i"], negative=())] = (),
    labels: Annotated[tuple[str, ...], Parameter(name=["--label", "-l"], negative=())] = (),
    watch: Annotated[bool, Parameter(name=["--watch", "-w"], negative=())] = False,
    level: Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"] = "TRACE",
    json: Annotated[bool, Parameter(negative=())] = False,
    trace: Path | None = None,
) -> int:
    """Run a flow from a file, here and now: no server, no database.

    Flows in the other YAML files of the same folder are there for Subflow tasks. The exit code is 0 after success or a
    warning, 1 after a failure, 2 when the flow, its inputs or the command line are wrong.

    Parameters
    ----------
    file
        The flow, as YAML.
    inputs
        `name=value`, for a FILE input `name=@path`. As often as needed.
    labels
        `key=value`, put on the execution. As often as needed.
    watch
        Run again whenever the file changes, until Ctrl+C.
    level
        The least level of log lines that are shown.
    json
        Print the end as one JSON document; everything else goes to the error stream.
    trace
        Write the history of the run into this file, for `tiercel replay`. It holds what expressions were told, secrets too.
    """
    # Imported here: `tiercel run --help` needs none of it.
    import asyncio

    from tiercel.cli.run_once import Wanted, run_once
    from tiercel.cli.run_watch import run_whenever_changed
    from tiercel.model.log import Level

    wanted = Wanted(file, inputs, labels, json=json, trace=trace, level=Level[level])
    return run_whenever_changed(wanted) if watch else asyncio.run(run_once(wanted))
