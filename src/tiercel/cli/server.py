"""`tiercel server …`: the server, whole (`standalone`) or one part of it."""

import asyncio
import gc
import logging
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from cyclopts import App, Parameter
from pydantic import ValidationError

from tiercel.api.server import HttpServer, PortTaken, listen
from tiercel.app import Running, application, is_loopback, running, without_password
from tiercel.cli.flow_files import files, read_text, unreadable
from tiercel.model.errors import TiercelError
from tiercel.services.account import Made
from tiercel.services.deployment import InvalidFlow
from tiercel.settings import Ignore, Settings

app = App(name="server", help="Run the server: all of it, or one of its parts.")

Port = Annotated[int | None, Parameter(help="Port of the API and the UI; 0 takes a free one.")]
Host = Annotated[str | None, Parameter(help="Address to listen on. On other addresses than loopback a login is asked.")]
Config = Annotated[
    tuple[Path, ...], Parameter(name=["--config", "-c"], negative=(), help="Configuration file; later ones win.")
]
FlowPath = Annotated[Path | None, Parameter(name=["--flow-path", "-f"], help="Folder of flows to save at the start.")]


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Ignored:
    """What the executor is to leave alone."""

    executions: Annotated[
        str | None,
        Parameter(
            name=["--ignore-executions", "--skip-executions"],
            help="Executions to leave alone, by their ids, with commas between them: for one that keeps the server from "
            "its work.",
        ),
    ] = None
    flows: Annotated[
        str | None,
        Parameter(
            name=["--ignore-flows", "--skip-flows"],
            help="The same for all executions of flows: `tenant|namespace|flow`, or without the tenant.",
        ),
    ] = None
    namespaces: Annotated[
        str | None,
        Parameter(
            name=["--ignore-namespaces", "--skip-namespaces"],
            help="The same for namespaces: `tenant|namespace`, or without the tenant.",
        ),
    ] = None
    tenants: Annotated[
        str | None, Parameter(name=["--ignore-tenants", "--skip-tenants"], help="The same for tenants.")
    ] = None

    def added_to(self, settings: Settings) -> Settings:
        """The settings with these options, which win. Raises pydantic.ValidationError."""
        given = {name: value for name, value in asdict(self).items() if value is not None}
        ignore = Ignore.model_validate({**settings.ignore.model_dump(), **given})
        return settings.model_copy(update={"ignore": ignore})


NOTHING_IGNORED = Ignored()


@app.command
def standalone(
    *,
    port: Port = None,
    host: Host = None,
    config: Config = (),
    flow_path: FlowPath = None,
    ignored: Ignored = NOTHING_IGNORED,
) -> int:
    """Webserver, executor, scheduler and worker in one process."""
    return _run("standalone", port=port, host=host, config=config, flow_path=flow_path, ignored=ignored)


@app.command
def webserver(*, port: Port = None, host: Host = None, config: Config = ()) -> int:
    """The API and the UI."""
    return _run("webserver", port=port, host=host, config=config)


@app.command
def executor(*, config: Config = (), flow_path: FlowPath = None, ignored: Ignored = NOTHING_IGNORED) -> int:
    """Decides what runs next, and stores it."""
    return _run("executor", config=config, flow_path=flow_path, ignored=ignored)


@app.command
def scheduler(*, config: Config = ()) -> int:
    """Starts executions at their dates."""
    return _run("scheduler", config=config)


@app.command
def worker(*, config: Config = ()) -> int:
    """Runs tasks."""
    return _run("worker", config=config)


def _run(
    kind: str,
    *,
    config: tuple[Path, ...],
    port: int | None = None,
    host: str | None = None,
    flow_path: Path | None = None,
    ignored: Ignored = NOTHING_IGNORED,
) -> int:
    # It writes down each address that a task asks, secrets included.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = ignored.added_to(read_settings(config, port=port, host=host))
    except (ValidationError, ValueError, OSError, yaml.YAMLError) as error:
        print(f"the configuration cannot be used: {error}", file=sys.stderr)
        return 2
    if flow_path is not None and not flow_path.is_dir():
        print(f"--flow-path {flow_path}: there is no such folder", file=sys.stderr)
        return 2
    return _loop(_serve(kind, settings, flow_path))


def read_settings(files: tuple[Path, ...], *, port: int | None = None, host: str | None = None) -> Settings:
    """Files, then KESTRA_CONFIGURATION, then the environment, then the command line."""
    trees = [_tree(file) for file in files]
    if text := os.environ.get("KESTRA_CONFIGURATION"):
        trees.append(yaml.safe_load(text) or {})
    settings = Settings.read(trees, os.environ)
    given = {name: value for name, value in (("port", port), ("host", host)) if value is not None}
    return settings.model_copy(update={"http": settings.http.model_copy(update=given)})


def _tree(file: Path) -> Any:
    """Read from the open file, so that what is wrong with the YAML is told with its name."""
    with file.open() as stream:
        return yaml.safe_load(stream) or {}


def _loop(work: Any) -> int:
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


async def _serve(kind: str, settings: Settings, flow_path: Path | None) -> int:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    has_http = kind in ("standalone", "webserver")
    try:
        listener = listen(settings.http.host, settings.http.port) if has_http else None
        async with running(settings, kind) as base:
            await _deploy(base, flow_path)
            _spare_the_collector()
            if listener is None:
                print(f"tiercel {kind} is up", flush=True)
                await stopping.wait()
                return 0
            asgi, made = await application(base)
            server = HttpServer(asgi)
            serving = asyncio.create_task(server.serve([listener]))
            _greet(base, settings, port=listener.getsockname()[1], made=made)
            await asyncio.wait((serving, asyncio.create_task(stopping.wait())), return_when=asyncio.FIRST_COMPLETED)
            server.stop()
            await serving
            return 0
    except (TiercelError, PortTaken) as error:
        print(error, file=sys.stderr)
        return 1


def _spare_the_collector() -> None:
    """What stands after the start stands for good: the collector need not walk it at each pass (10 % of a webhook)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


async def _deploy(base: Running, folder: Path | None) -> None:
    """Save the flows of a folder; one that is invalid is told and left out."""
    for file in files((folder,)) if folder else ():
        try:
            await base.foundation.deployment.save(read_text(file), tenant="main")
        except OSError as error:
            print(unreadable(error), file=sys.stderr)
        except InvalidFlow as error:
            for problem in error.problems:
                print(f"{file}:{problem.line}:{problem.column}: {problem.message}", file=sys.stderr)


def _greet(base: Running, settings: Settings, *, port: int, made: Made | None) -> None:
    """One screen: where everything is, and what to do next."""
    host = "127.0.0.1" if is_loopback(settings.http.host) else settings.http.host
    url = f"http://{host}:{port}{settings.http.context_path.rstrip('/')}"
    database = without_password(settings.database.url) or f"embedded PostgreSQL in {base.foundation.home / 'postgres'}"
    lines = [
        f"Tiercel is up at {url}/ui/",
        f"  API       {url}/api/v1/main",
        f"  database  {database}",
        f"  storage   {settings.storage.type}",
        *(f"  note      {note}" for note in settings.notes),
    ]
    if made is not None:
        lines += [f"  login     {made.username} with password {made.password} (shown this once)"]
    print("\n".join(lines), flush=True)
