// What a flow did lately and what it is: runs, latest executions and source at the left, facts at the right.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { latestExecutions } from "../../api/executions";
import type { ExecutionRow, Flow } from "../../api/types";
import { EmptyState } from "../../components/feedback/EmptyState";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { Loading } from "../../components/feedback/Loading";
import { Section } from "../../components/layout/Pane";
import { StateText } from "../../components/state/StateText";
import { CodeView } from "../../components/text/CodeView";
import { Duration } from "../../components/text/Duration";
import { When } from "../../components/text/When";
import { executionAddress, flowAddress } from "../../model/addresses";
import { shortId } from "../../model/ids";
import { formatCount } from "../../model/numbers";
import { hasEnded } from "../../model/states";
import { About } from "./About";
import { RunDurations } from "./RunDurations";
import "./flow.css";

const RUNS = 30;
const LATEST = 8;

export function Overview({ tenant, flow }: { tenant: string; flow: Flow }) {
  const filters = { "filters[namespace][EQUALS]": flow.namespace, "filters[flowId][EQUALS]": flow.id };
  const runs = useQuery(latestExecutions(tenant, filters, RUNS));
  const rows = runs.data?.results ?? [];
  const all = flowAddress(tenant, { namespace: flow.namespace, flowId: flow.id }, "executions");
  return (
    <div className="split stack">
      <div className="pane grow">
        <div className="pane-scroll" tabIndex={0} role="region" aria-label="Runs and source">
          {runs.isPending && <Loading label="The runs are on their way" />}
          {runs.isError && (
            <ErrorNote what="The runs could not be loaded." error={runs.error} onRetry={() => void runs.refetch()} />
          )}
          {runs.isSuccess && rows.length === 0 && (
            <EmptyState title="This flow has not run yet">
              Execute starts it; its triggers do when their time comes.
            </EmptyState>
          )}
          {rows.length > 0 && (
            <>
              <Section title="Run duration" note={`last ${formatCount(rows.length)} runs`}>
                <RunDurations tenant={tenant} history={[...rows].reverse()} places={RUNS} />
              </Section>
              <Section
                title="Latest executions"
                side={
                  <Link to={all} className="link caption">
                    All {formatCount(runs.data?.total ?? 0)}
                  </Link>
                }
                flush
              >
                <Latest tenant={tenant} rows={rows.slice(0, LATEST)} />
              </Section>
            </>
          )}
          <Section title="Source" note={flow.revision === undefined ? undefined : `revision ${flow.revision}`} flush>
            {flow.exception && <ErrorNote what="This source cannot be read." error={new Error(flow.exception)} />}
            <CodeView label={`Source of ${flow.id}`} source={flow.source ?? ""} />
          </Section>
        </div>
      </div>
      <About tenant={tenant} flow={flow} history={rows} />
    </div>
  );
}

function Latest({ tenant, rows }: { tenant: string; rows: ExecutionRow[] }) {
  return (
    <ul className="latest">
      {rows.map((row) => (
        <li key={row.id}>
          <Link to={executionAddress(tenant, row)} className="latest-row">
            <StateText state={row.state.current} />
            <span className="mono muted">{shortId(row.id)}</span>
            <When at={row.state.startDate} />
            <span className="latest-took">
              <Duration of={row.state} running={!hasEnded(row.state.current)} />
            </span>
            <span className="muted cut">{row.trigger?.id ?? "manual"}</span>
            <span className="muted">{row.flowRevision}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
