"""What `make demo` shows: examples/etl_pipeline.yaml as it stands, on real parts, from a table of PostgreSQL into BigQuery.

PostgreSQL comes from the wheel, the BigQuery emulator from the package index, into a cache of the user's. Nothing of the
machine is touched: `source-db` is bound by libpq's PGHOSTADDR. At a terminal the server stays until Ctrl+C.
"""

# ruff: noqa: T201

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from tests.peers.bigquery import BigQuery, a_bigquery
from tests.peers.environment import CannotBeHad
from tests.peers.process import DidNotStart, a_process, free_port, is_open

from tiercel.adapters.postgres.accounts import account
from tiercel.adapters.postgres.embedded import EmbeddedPostgres

CHECKOUT = Path(__file__).parents[1]
FLOW = CHECKOUT / "examples/etl_pipeline.yaml"
SOURCE_PORT = 5432
"""The flow's own: only the address behind its host name can be chosen."""
EVENTS = """
CREATE TABLE IF NOT EXISTS events AS
SELECT number AS id, (current_date - number % 3)::date AS date, 'visitor ' || number AS visitor,
  round((number * 1.37)::numeric, 2) AS amount
FROM generate_series(1, 30) AS number
"""
SHOWN = "SELECT date, count(*) AS events, round(sum(amount), 2) AS amount, max(processed_at) AS processed_at FROM dataset.events GROUP BY date"


class Disappointed(Exception):
    """Something that the demo counts on did not come about."""


def main() -> int:
    try:
        asyncio.run(demonstrate(state_folder()))
    except (CannotBeHad, DidNotStart, Disappointed, httpx2.HTTPError) as error:
        print(f"the demo cannot go on: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print()
    return 0


async def demonstrate(folder: Path) -> None:
    address = free_address()
    say(f"PostgreSQL on {address}:{SOURCE_PORT}, with 30 events of three days")
    async with source_database(folder / "source", address):
        say("The BigQuery emulator (the first time, its packages are installed: half a minute)")
        with a_bigquery(made(folder / "bigquery")) as bigquery:
            bigquery.make("dataset")
            say("Tiercel, with source-db and BigQuery bound from outside")
            with a_server(folder / "tiercel", bigquery, source=address) as url:
                await asyncio.to_thread(run_the_flow, url, bigquery)
                await asyncio.to_thread(stay, url)


def run_the_flow(url: str, bigquery: BigQuery) -> None:
    with httpx2.Client(base_url=f"{url}/api/v1/main", timeout=None, trust_env=False) as client:
        say(f"Deploying {FLOW.relative_to(CHECKOUT)} by REST")
        deploy(client)
        say("Running it (the first time, an environment with pandas is built: a minute or two)")
        execution = accepted(client.post("/executions/data.production/etl_pipeline")).json()
        state = follow(client, execution["id"])
        print(f"   execution {execution['id']} ended {state}")
        show_log(client, execution["id"])
        if state != "SUCCESS":
            raise Disappointed(f"the execution ended {state}")
        say("What is in BigQuery now")
        for row in bigquery.rows(SHOWN):
            print("  ", *(f"{name}={value}" for name, value in row.items()))


def deploy(client: httpx2.Client) -> None:
    yaml = {"Content-Type": "application/x-yaml"}
    answer = client.post("/flows", content=FLOW.read_bytes(), headers=yaml)
    if answer.status_code == 409:
        answer = client.put("/flows/data.production/etl_pipeline", content=FLOW.read_bytes(), headers=yaml)
    accepted(answer)


def follow(client: httpx2.Client, execution_id: str) -> str:
    """Print each task run as it goes on, and return how the execution ended."""
    seen: dict[str, str] = {}
    last = ""
    with client.stream("GET", f"/executions/{execution_id}/follow") as answer:
        for execution in events(answer.iter_lines()):
            last = execution["state"]["current"]
            for run in execution.get("taskRunList") or ():
                state = run["state"]["current"]
                if seen.get(run["id"]) != state and state in ("RUNNING", "SUCCESS", "FAILED", "WARNING"):
                    print(f"   {run['taskId']:<10} {state}")
                seen[run["id"]] = state
    return last


def events(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The executions in a stream of server-sent events."""
    for line in lines:
        name, _, content = line.partition(":")
        if name == "data" and (found := json.loads(content)).get("state"):
            yield found


def show_log(client: httpx2.Client, execution_id: str) -> None:
    for entry in accepted(client.get(f"/logs/{execution_id}", params={"minLevel": "INFO"})).json():
        print(f"   {entry['level']:<5} {entry.get('taskId', ''):<10} {entry['message']}")


def accepted(answer: httpx2.Response) -> httpx2.Response:
    if answer.is_error:
        raise httpx2.HTTPError(f"{answer.status_code} {answer.text}")
    return answer


def stay(url: str) -> None:
    """Leave it to whoever looks, where somebody does."""
    if sys.stdin.isatty():
        say(f"Look at it: {url}/ui/  (Enter or Ctrl+C ends everything)")
        sys.stdin.readline()


# The parts -------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def source_database(folder: Path, address: str) -> AsyncGenerator[None]:
    """A PostgreSQL that listens on the address, with the database that the flow reads from."""
    owner = account().own(folder)
    rules = owner / "hba.conf"
    rules.write_text("local all all peer map=ours\nhost all all 127.0.0.0/8 trust\n")
    rules.chmod(0o644)
    options = {"listen_addresses": address, "port": str(SOURCE_PORT), "hba_file": str(rules)}
    async with EmbeddedPostgres(folder, settings=options) as dsn:
        connection = await asyncpg.connect(dsn)
        if not await connection.fetchval("SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'analytics')"):
            await connection.execute("CREATE DATABASE analytics")
        await connection.close()
        connection = await asyncpg.connect(dsn.replace("/tiercel?", "/analytics?"))
        await connection.execute("DROP TABLE IF EXISTS events")
        await connection.execute(EVENTS)
        await connection.close()
        yield


@contextmanager
def a_server(home: Path, bigquery: BigQuery, *, source: str) -> Generator[str]:
    """The server as a process, on a port that is free."""
    port = int(os.environ.get("PORT") or free_port())
    bound = {"PGHOSTADDR": source, "PGUSER": "tiercel", "BIGQUERY_EMULATOR_HOST": bigquery.host}
    command = [Path(sys.executable).with_name("tiercel"), "server", "standalone", "--port", str(port)]
    with a_process(
        command,
        log=made(home) / "server.log",
        answers=lambda: is_open("127.0.0.1", port),
        environment={**bound, "TIERCEL_HOME": str(home)},
    ):
        yield f"http://127.0.0.1:{port}"


def free_address() -> str:
    """An address of this machine on which the flow's port is free: somebody's PostgreSQL may be on the first."""
    for last in range(2, 10):
        if not is_open(f"127.0.0.{last}", SOURCE_PORT):
            return f"127.0.0.{last}"
    raise Disappointed(f"port {SOURCE_PORT} is taken on 127.0.0.2 to 127.0.0.9")


def state_folder() -> Path:
    """`.tiercel/demo` of the checkout, where PostgreSQL's user can reach it: as root that may be another user."""
    inside = made(CHECKOUT / ".tiercel/demo")
    if account().can_enter(inside):
        return inside
    outside = Path(tempfile.mkdtemp(prefix="tiercel-demo-"))
    outside.chmod(0o755)
    return outside


def made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def say(text: str) -> None:
    print(f"\n==> {text}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
