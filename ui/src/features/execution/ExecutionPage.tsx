// One execution: state and facts above, its tabs below, live while it lasts.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { execution as executionQuery } from "../../api/executions";
import { outputIndex } from "../../api/outputs";
import type { Execution } from "../../api/types";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { Loading } from "../../components/feedback/Loading";
import { Page } from "../../components/layout/Page";
import { Tabs } from "../../components/layout/Tabs";
import { StateBadge } from "../../components/state/StateBadge";
import { useLog } from "../../components/useLog";
import { useSearchParams } from "../../components/useSearchParams";
import { executionAddress, executionsAddress, flowAddress } from "../../model/addresses";
import { shortId } from "../../model/ids";
import { formatDayAndTime } from "../../model/moments";
import { runsOf } from "../../model/runs";
import { hasEnded } from "../../model/states";
import { Actions } from "./Actions";
import { Facts } from "./Facts";
import { LiveState } from "./LiveState";
import { LogsTab } from "./LogsTab";
import { OutputsTab } from "./OutputsTab";
import { TimelineTab } from "./TimelineTab";
import { useFollow } from "./useFollow";

interface Params {
  tenant: string;
  namespace: string;
  flowId: string;
  executionId: string;
  tab?: string;
}

const POLL_WITHOUT_STREAM = 3000;

export function ExecutionPage() {
  const { tenant, namespace, flowId, executionId, tab } = useParams({ strict: false }) as Params;
  const found = useQuery(executionQuery(tenant, executionId));
  const crumbs = [
    { word: namespace, to: executionsAddress(tenant), search: { ns: namespace } },
    { word: flowId, to: flowAddress(tenant, { namespace, flowId }) },
  ];
  if (found.data) return <Loaded key={executionId} tenant={tenant} execution={found.data} tab={tab} crumbs={crumbs} />;
  return (
    <Page title={shortId(executionId)} crumbs={crumbs}>
      {found.isPending && <Loading label="The execution is on its way" />}
      {found.isError && (
        <ErrorNote what="The execution could not be loaded." error={found.error} onRetry={() => void found.refetch()} />
      )}
    </Page>
  );
}

interface LoadedProps {
  tenant: string;
  execution: Execution;
  tab: string | undefined;
  crumbs: { word: string; to: string }[];
}

function Loaded({ tenant, execution, tab = "gantt", crumbs }: LoadedProps) {
  const { search } = useSearchParams();
  const lasts = !hasEnded(execution.state.current);
  const following = useFollow(tenant, execution.id, lasts);
  useQuery({
    ...executionQuery(tenant, execution.id),
    refetchInterval: lasts && following?.state === "closed" ? POLL_WITHOUT_STREAM : false,
  });
  const log = useLog(tenant, execution);
  const outputs = useQuery(outputIndex(tenant, execution.id, runsOf(execution).length));
  const kept = pick(search, ["ns", "run", "task", "panel", "q", "level"]);
  const address = (name: string) => executionAddress(tenant, execution, name);
  const props = { tenant, execution };
  return (
    <Page
      title={formatDayAndTime(new Date(execution.state.startDate).getTime())}
      crumbs={crumbs}
      mark={<StateBadge state={execution.state.current} />}
      actions={<Actions {...props} />}
      tabs={
        <Tabs
          tabs={[
            { word: "Timeline", to: address("gantt"), active: !["logs", "outputs"].includes(tab), search: kept },
            { word: "Logs", to: address("logs"), active: tab === "logs", count: log.lines.length, search: kept },
            {
              word: "Outputs",
              to: address("outputs"),
              active: tab === "outputs",
              count: outputs.data?.length,
              search: kept,
            },
          ]}
          side={<LiveState following={following} />}
        />
      }
      facts={<Facts {...props} />}
    >
      {tab === "logs" ? (
        <LogsTab {...props} log={log} />
      ) : tab === "outputs" ? (
        <OutputsTab {...props} index={outputs} />
      ) : (
        <TimelineTab {...props} log={log} />
      )}
    </Page>
  );
}

const pick = (search: Record<string, string>, names: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(search).filter(([name]) => names.includes(name)));
