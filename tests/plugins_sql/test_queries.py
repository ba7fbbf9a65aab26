"""postgresql.Queries on a real server: several statements, in one transaction or each in its own."""

from typing import Any

import pytest
from tests.plugins_sql.conftest import Source

TWO = "INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);"
BROKEN = "INSERT INTO t VALUES (1); INSERT INTO nowhere VALUES (2); INSERT INTO t VALUES (3)"


@pytest.fixture
async def table(source: Source) -> Source:
    await source.execute("CREATE TABLE t (n int)")
    return source


async def rows(source: Source) -> int:
    return await source.value("SELECT count(*) FROM t")


@pytest.mark.parametrize("transaction", [True, False])
async def test_all_statements_are_run(table: Source, *, transaction: bool) -> None:
    outputs = await table.run("Queries", sql=TWO, transaction=transaction)
    assert outputs == {"outputs": [{}, {}]}
    assert await rows(table) == 2


async def test_one_transaction_keeps_all_or_nothing(table: Source) -> None:
    assert '"nowhere" does not exist' in await table.error("Queries", sql=BROKEN)
    assert await rows(table) == 0


async def test_transactions_of_their_own_keep_what_was_done_before(table: Source) -> None:
    await table.error("Queries", sql=BROKEN, transaction=False)
    assert await rows(table) == 1


async def test_what_needs_to_stand_alone_may(table: Source) -> None:
    await table.run("Queries", sql="VACUUM t; VACUUM t", transaction=False, timeZoneId="UTC")


async def test_each_statement_gives_its_rows(table: Source) -> None:
    sql = "INSERT INTO t VALUES (7); SELECT n FROM t; SELECT ';' AS semicolon"
    outputs = await table.run("Queries", sql=sql, fetchType="FETCH")
    assert [each.get("rows") for each in outputs["outputs"]] == [[], [{"n": 7}], [{"semicolon": ";"}]]


async def test_each_statement_has_a_file_of_its_own(table: Source) -> None:
    outputs = await table.run("Queries", sql="SELECT 1 AS a; SELECT 2 AS b", fetchType="STORE", format="CSV")
    uris = [each["uri"] for each in outputs["outputs"]]
    assert [await table.text(uri) for uri in uris] == ["a\n1\n", "b\n2\n"]


@pytest.mark.parametrize("transaction", [True, False])
async def test_parameters_hold_for_all_statements(table: Source, *, transaction: bool) -> None:
    given: dict[str, Any] = {"transaction": transaction, "parameters": {"n": 5}}
    await table.run("Queries", sql="INSERT INTO t VALUES (:n); INSERT INTO t VALUES (:n + 1)", **given)
    assert await table.value("SELECT sum(n) FROM t") == 11


async def test_what_comes_after_is_part_of_the_transaction(table: Source) -> None:
    await table.error("Queries", sql=TWO, afterSQL="SELECT * FROM nowhere")
    assert await rows(table) == 0
