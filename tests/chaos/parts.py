"""The parts of a server as processes over one database, and the flows that are run on them."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.server import Process, environment_for, free_port

KINDS = ("executor", "worker", "scheduler", "webserver")


@contextmanager
def parts(dsn: str, home: Path) -> Generator[dict[str, Process]]:
    """Each part alone, all up; the webserver listens on one port however often it is started again."""
    environment = environment_for(dsn, home)
    with ExitStack() as stack:
        running = {kind: Process(kind, environment=environment) for kind in KINDS if kind != "webserver"}
        running["webserver"] = Process("webserver", "--port", str(free_port()), environment=environment)
        for process in running.values():
            stack.callback(process.end)
            process.begin()
        for process in running.values():
            process.until(" is up")
        yield running


def counting_flow(starts: Path, *, seconds: float = 0.2) -> str:
    """A flow whose middle task runs on a worker, and writes down each time it begins."""
    return f"""
tasks:
  - {{id: before, type: io.kestra.plugin.core.log.Log, message: before}}
  - id: work
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    commands:
      - echo "{{{{ execution.id }}}}" >> {starts}
      - echo begun
      - sleep {seconds}
      - echo done
  - {{id: after, type: io.kestra.plugin.core.log.Log, message: after}}
"""
