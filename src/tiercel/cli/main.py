"""The command `tiercel`: knows the names of the commands; each one's module is imported when it is called."""

import os
import sys
from importlib.metadata import version

COMMANDS = {
    "run": ("tiercel.cli.run:run", "Run a flow from a file, here and now: no server, no database."),
    "simulate": ("tiercel.cli.simulate:simulate", "Show what a run of a flow would do, without running a task."),
    "test": ("tiercel.cli.test:test", "Run the unit tests of flows, here and now."),
    "replay": ("tiercel.cli.replay:replay", "Take every decision of a traced run again."),
    "server": ("tiercel.cli.server:app", "Run the server: all of it, or one of its parts."),
    "flow": ("tiercel.cli.flow:app", "Check flows, lay them out, and bring them to a server."),
    "execution": ("tiercel.cli.execution:app", "Start, look at and steer executions of a server."),
    "secret": ("tiercel.cli.secret:app", "Write, list and delete the secrets of a server's namespaces."),
    "why": ("tiercel.cli.why:why", "Say why an execution of a server failed, or what it waits for."),
    "lsp": ("tiercel.cli.lsp:lsp", "Help an editor with flows: the language server."),
    "doctor": ("tiercel.cli.doctor:doctor", "Say what this machine lacks of what Tiercel needs."),
}
"""Name → where the command is, and what `tiercel --help` says of it."""


NOBODY_READS = 141
"""Exit code as of a program that SIGPIPE ends, which is what shells expect before `| head`."""


def main() -> None:
    """Entry point of the console script."""
    try:
        _main()
    except BrokenPipeError:
        # At its end the interpreter flushes once more what nobody takes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(NOBODY_READS)


def _main() -> None:
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"tiercel {version('tiercel')}", flush=True)
        return
    # Imported here: building the command line costs more than answering `--version`.
    from cyclopts import App

    app = App(name="tiercel", help="Workflows as YAML, run here or on a server.", version=lambda: version("tiercel"))
    for name, (target, meaning) in COMMANDS.items():
        app.command(target, name=name, help=meaning)
    code = app(arguments, exit_on_error=True, result_action="return_value")
    sys.stdout.flush()
    sys.exit(code)
