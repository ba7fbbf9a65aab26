// A list of executions under some filters. The list stands still: it shows what began until its anchor and counts what
// began later; at its top it takes the new ones in by itself.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ArrowUp } from "lucide-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { serverNow } from "../../api/clock";
import { executionPages, newerThan } from "../../api/executions";
import { executionAddress } from "../../model/addresses";
import type { Search } from "../../model/filters";
import { formatCount } from "../../model/numbers";
import { slowestOf } from "../../model/typical";
import { texts } from "../../texts";
import { Button } from "../controls/Button";
import { Kbd } from "../controls/Kbd";
import { EmptyState } from "../feedback/EmptyState";
import { ErrorNote } from "../feedback/ErrorNote";
import { Loading } from "../feedback/Loading";
import { DataTable } from "../table/DataTable";
import { executionColumns } from "./columns";
import "./executions.css";

interface ExecutionListProps {
  tenant: string;
  filters: Search;
  without?: string[];
}

export function ExecutionList({ tenant, filters, without = [] }: ExecutionListProps) {
  const [anchor, setAnchor] = useState(() => new Date(serverNow()).toISOString());
  const atTop = useRef(true);
  const pages = useInfiniteQuery(executionPages(tenant, filters, anchor));
  const newer = useQuery(newerThan(tenant, filters, anchor));
  const count = newer.data?.total ?? 0;
  const newest = newer.data?.results[0]?.state.startDate;
  const catchUp = useCallback(() => newest && setAnchor(newest), [newest]);
  useEffect(() => {
    if (atTop.current) catchUp();
  }, [catchUp]);

  const rows = useMemo(() => pages.data?.pages.flatMap((page) => page.results) ?? [], [pages.data]);
  const slowest = useMemo(() => slowestOf(rows), [rows]);
  const hidden = without.join(" ");
  const columns = useMemo(() => executionColumns(slowest, hidden.split(" ")), [slowest, hidden]);
  const total = pages.data?.pages[0]?.total ?? 0;
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);

  if (pages.isPending) return <Loading label="Executions are on their way" />;
  if (pages.isError && rows.length === 0) {
    return <ErrorNote what="The list could not be loaded." error={pages.error} onRetry={() => void pages.refetch()} />;
  }
  return (
    <>
      {pages.isError && (
        <ErrorNote what="The list could not be refreshed." error={pages.error} onRetry={() => void pages.refetch()} />
      )}
      {rows.length === 0 ? (
        <NothingFound filtered={Object.keys(filters).length > 0} />
      ) : (
        <DataTable
          label="Executions"
          columns={columns}
          rows={rows}
          keyOf={(row) => row.id}
          addressOf={(row) => executionAddress(tenant, row)}
          onEnd={more}
          onTop={(top) => {
            atTop.current = top;
            if (top) catchUp();
          }}
        />
      )}
      <footer className="foot">
        <span>{total > rows.length ? texts.shownOf(rows.length, total) : texts.executions(total)}</span>
        {count > 0 && (
          <Button size="small" tone="primary" icon={<ArrowUp aria-hidden />} onClick={catchUp} className="new-rows">
            {texts.newExecutions(count)}
          </Button>
        )}
        <span className="foot-keys" aria-hidden>
          <Kbd>J</Kbd>
          <Kbd>K</Kbd> move <Kbd>Enter</Kbd> open
        </span>
        <span className="visually-hidden" aria-live="polite">
          {count > 0 ? `${formatCount(count)} new` : ""}
        </span>
      </footer>
    </>
  );
}

function NothingFound({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <EmptyState title="No execution fits">
      Nothing that has run so far fits these filters. Take one away, or widen the time.
    </EmptyState>
  ) : (
    <EmptyState title="Nothing has run yet">
      An execution begins when a flow is started here, by its triggers or by the API.
    </EmptyState>
  );
}
