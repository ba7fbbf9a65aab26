"""`io.kestra.plugin.jdbc.postgresql.Queries`: several statements, one after the other."""

from tiercel.sdk import Output, RunContext
from tiercel_sql.postgresql.fetch import FetchingTask, QueryOutput
from tiercel_sql.statements import split


class QueriesOutput(Output, frozen=True):
    outputs: list[QueryOutput]
    """What each statement gave, in order."""


class Queries(FetchingTask, type="io.kestra.plugin.jdbc.postgresql.Queries"):
    """Run several statements, separated by semicolons, in one transaction or each in its own."""

    example = """
id: refresh
namespace: company.team
tasks:
  - id: load
    type: io.kestra.plugin.jdbc.postgresql.Queries
    url: jdbc:postgresql://localhost:5432/analytics
    sql: |
      TRUNCATE daily;
      INSERT INTO daily SELECT date, count(*) FROM events GROUP BY date;
"""

    transaction: bool = True
    """All or nothing; false: each statement is kept by itself."""

    async def run(self, ctx: RunContext) -> QueriesOutput:
        outputs: list[QueryOutput] = []
        async with self.connected() as connection:
            await connection.commit()
            await connection.set_autocommit(not self.transaction)
            for statement in split(self.sql):
                outputs.append(await self.take(connection, statement, ctx))
            await self.after(connection)
        return QueriesOutput(outputs=outputs)
