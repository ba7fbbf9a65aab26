"""`tiercel test PATH…`: unit tests of flows, run here and now: no server, no database."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tiercel.cli.flow_files import BAD, GOOD, NOT_USABLE, unreadable
from tiercel.cli.run_once import NotUsable, settings_of
from tiercel.cli.suite_files import Found, Shelf, placed, read_suites
from tiercel.cli.suite_run import Report, run_suites
from tiercel.cli.suite_view import as_json, as_junit, as_text
from tiercel.services.catalog import PluginCatalog
from tiercel.services.suite_results import TestState

_GOOD = frozenset({TestState.SUCCESS, TestState.SKIPPED})


def test(
    *paths: Path,
    flows: Path | None = None,
    junit: Path | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
    coverage: Annotated[bool, Parameter(negative=())] = False,
    timeout: float = 300,
) -> int:
    """Run the unit tests of flows: files with `testCases`, and `tests` within flows.

    Each test is an execution of its own, several at a time. Tasks with a fixture are not run; all others are. The exit code
    is 0 when all tests succeed, 1 when one does not, 2 when a file is wrong or there is no test.

    Parameters
    ----------
    paths
        Files of tests, and folders of them.
    flows
        The folder of the flows, with all below it. Otherwise the flows beside each file of tests are taken.
    junit
        Write the results into this file too, as the XML that CI systems read.
    json
        Print one JSON document.
    coverage
        Say which tasks of the flows no test came to.
    timeout
        Seconds that one test may take.
    """
    catalog = PluginCatalog.installed()
    shelf = Shelf(catalog, folder=flows)
    try:
        found, settings = read_suites(paths, shelf), settings_of(os.environ)
    except OSError as error:
        print(unreadable(error), file=sys.stderr)
        return NOT_USABLE
    except NotUsable as error:
        print(error, file=sys.stderr)
        return NOT_USABLE
    if not found:
        print("there are no tests there: a file of tests has `testCases`, a flow may have `tests`", file=sys.stderr)
        return NOT_USABLE
    report = asyncio.run(run_suites(found, shelf, catalog, seconds=timeout, settings=settings))
    print(as_json(report) if json else as_text(report, coverage=coverage))
    if junit is not None:
        junit.write_text(as_junit(report), encoding="utf-8")
    return _code(found, report)


def _code(found: list[Found], report: Report) -> int:
    for each in found:
        for line in placed(each):
            print(line, file=sys.stderr)
    if any(each.suite is None for each in found):
        return NOT_USABLE
    return GOOD if all(suite.state in _GOOD for suite in report.suites) else BAD
