// The list of flows; the runs and the next dates come by requests of their own and may fail alone.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useDeferredValue, useMemo } from "react";
import { latestExecutions } from "../../api/executions";
import { flowPages, triggerStates } from "../../api/flows";
import { Kbd } from "../../components/controls/Kbd";
import { EmptyState } from "../../components/feedback/EmptyState";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { Loading } from "../../components/feedback/Loading";
import { DataTable } from "../../components/table/DataTable";
import { flowAddress } from "../../model/addresses";
import type { Search } from "../../model/filters";
import { groupByNamespace, historyByFlow } from "../../model/groups";
import { nextDates } from "../../model/triggers";
import { texts } from "../../texts";
import { flowColumns, RUNS_SHOWN } from "./columns";

interface FlowListProps {
  tenant: string;
  scope: Search;
  text: Search;
}

/** Enough for some dozens of flows; the rest shows its last runs on its own page. */
const RUNS_ASKED = 500;

export function FlowList({ tenant, scope, text }: FlowListProps) {
  const filters = useDeferredValue({ ...scope, ...text });
  const pages = useInfiniteQuery({ ...flowPages(tenant, filters), placeholderData: keepPreviousData });
  const runs = useQuery(latestExecutions(tenant, scope, RUNS_ASKED));
  const triggers = useQuery(triggerStates(tenant, scope));

  const groups = useMemo(() => groupByNamespace(pages.data?.pages.flatMap((page) => page.results) ?? []), [pages.data]);
  const rows = useMemo(() => groups.flatMap((group) => group.flows), [groups]);
  const sizes = useMemo(() => new Map(groups.map((group) => [group.namespace, group.flows.length])), [groups]);
  const histories = useMemo(() => historyByFlow(runs.data?.results ?? [], RUNS_SHOWN), [runs.data]);
  const next = useMemo(() => nextDates(triggers.data?.results ?? []), [triggers.data]);
  const columns = useMemo(() => flowColumns(histories, next), [histories, next]);
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = pages;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetchingNextPage]);

  if (pages.isPending) return <Loading label="Flows are on their way" rows={12} />;
  if (pages.isError && rows.length === 0) {
    return <ErrorNote what="The list could not be loaded." error={pages.error} onRetry={() => void pages.refetch()} />;
  }
  const total = pages.data?.pages[0]?.total ?? 0;
  return (
    <>
      {runs.isError && (
        <ErrorNote what="The last runs could not be loaded." error={runs.error} onRetry={() => void runs.refetch()} />
      )}
      {rows.length === 0 ? (
        <NoFlow searched={Object.keys(filters).length > 0} />
      ) : (
        <DataTable
          label="Flows"
          columns={columns}
          rows={rows}
          keyOf={(flow) => `${flow.namespace}/${flow.id}`}
          addressOf={(flow) => flowAddress(tenant, { namespace: flow.namespace, flowId: flow.id })}
          groupOf={namespaceOf}
          groupHead={(namespace) => (
            <>
              {namespace} <span className="caption subtle">{sizes.get(namespace)}</span>
            </>
          )}
          onEnd={more}
        />
      )}
      <footer className="foot">
        <span>{total > rows.length ? texts.shownOf(rows.length, total) : texts.flows(total)}</span>
        <span className="foot-keys" aria-hidden>
          <Kbd>J</Kbd>
          <Kbd>K</Kbd> move <Kbd>Enter</Kbd> open
        </span>
      </footer>
    </>
  );
}

const namespaceOf = (flow: { namespace: string }): string => flow.namespace;

function NoFlow({ searched }: { searched: boolean }) {
  return searched ? (
    <EmptyState title="No flow fits">No flow in this scope has that in its name, namespace or labels.</EmptyState>
  ) : (
    <EmptyState title="No flow yet">
      A flow is a YAML file with tasks and triggers. Flows written for Kestra run as they are. Send one with{" "}
      <code>tiercel flow create</code> or to the API.
    </EmptyState>
  );
}
