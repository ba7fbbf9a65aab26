"""A real browser on a real server: the server is started here, or named by TIERCEL_BASE_URL."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import pytest
from tests.browser.driver import Driver

UP = re.compile(r"Tiercel is up at (\S+)/ui/")
FLOWS = Path(__file__).parent / "flows"


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """Where the server with the UI is."""
    given = os.environ.get("TIERCEL_BASE_URL")
    if given:
        yield given
        return
    with TemporaryDirectory(prefix="tiercel-") as folder:
        # Where we are root, PostgreSQL is not: it must be able to enter.
        Path(folder).chmod(0o755)
        with started(Path(folder)) as url:
            yield url


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """A server of our own, with all its state in this folder."""
    command = [str(Path(sys.executable).with_name("tiercel")), "server", "standalone", "--port", "0"]
    environment = {**os.environ, "TIERCEL_HOME": str(folder)}
    log = folder / "server.log"
    with (
        log.open("w") as errors,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True) as server,
    ):
        try:
            yield await_address(server, log)
        finally:
            server.terminate()


def await_address(server: "subprocess.Popen[str]", log: Path) -> str:
    """The address from the line by which the server says that it is up."""
    assert server.stdout is not None
    for line in server.stdout:
        if found := UP.search(line):
            return found[1]
    raise AssertionError(f"the server ended before it was up:\n{log.read_text()}")


@pytest.fixture(scope="session")
def api(base_url: str) -> Iterator[httpx2.Client]:
    """The API of the tenant, with the flows of the journey saved."""
    with httpx2.Client(base_url=f"{base_url}/api/v1/main", timeout=30) as client:
        for source in sorted(FLOWS.glob("*.yaml")):
            save(client, source.read_text())
        yield client


def save(client: httpx2.Client, source: str) -> None:
    answer = client.post("/flows", content=source, headers={"Content-Type": "application/x-yaml"})
    already_there = answer.status_code in (409, 422) and "exists" in answer.text
    assert answer.status_code == 200 or already_there, answer.text


@pytest.fixture(scope="session")
def driver(base_url: str, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Driver:
    """Runs a journey in Chromium and returns what was seen."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    if not (checkout / "ui" / "node_modules" / "playwright-core").is_dir():
        pytest.skip("the UI's packages are not installed: make ui")
    folder = Path(os.environ.get("TIERCEL_SCREENSHOTS") or tmp_path_factory.mktemp("screenshots"))
    return Driver(base_url=base_url, ui=checkout / "ui", chromium=chromium, screenshots=folder)
