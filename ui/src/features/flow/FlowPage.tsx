// One flow: what it did lately, what starts it, its source; Execute opens the form of its inputs.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { flow as flowQuery } from "../../api/flows";
import { Button } from "../../components/controls/Button";
import { ExecutionList } from "../../components/executions/ExecutionList";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { Loading } from "../../components/feedback/Loading";
import { Page } from "../../components/layout/Page";
import { Tabs } from "../../components/layout/Tabs";
import { useKeys } from "../../components/useKeys";
import { useSearchParams } from "../../components/useSearchParams";
import { flowAddress, flowsAddress } from "../../model/addresses";
import { Overview } from "./Overview";

interface Params {
  tenant: string;
  namespace: string;
  flowId: string;
  tab?: string;
}

const WITHOUT = ["flow", "namespace"];

export function FlowPage() {
  const { tenant, namespace, flowId, tab = "overview" } = useParams({ strict: false }) as Params;
  const { push } = useSearchParams();
  const flow = useQuery(flowQuery(tenant, namespace, flowId));
  const execute = () => push({ execute: `${namespace}/${flowId}` });
  useKeys(flow.data?.disabled ? {} : { r: execute });
  const address = (name: string) => flowAddress(tenant, { namespace, flowId }, name);
  const inExecutions = tab === "executions";
  return (
    <Page
      title={flowId}
      crumbs={[
        { word: "Flows", to: flowsAddress(tenant) },
        { word: namespace, to: flowsAddress(tenant), search: { ns: namespace } },
      ]}
      mark={
        <>
          {flow.data?.revision !== undefined && <span className="tag">revision {flow.data.revision}</span>}
          {flow.data?.disabled && <span className="tag">disabled</span>}
        </>
      }
      actions={
        <Button
          tone="primary"
          icon={<Play aria-hidden />}
          shortcut="R"
          onClick={execute}
          disabled={!flow.data || flow.data.disabled}
        >
          Execute
        </Button>
      }
      tabs={
        <Tabs
          tabs={[
            { word: "Overview", to: address("overview"), active: !inExecutions },
            { word: "Executions", to: address("executions"), active: inExecutions },
          ]}
        />
      }
    >
      {flow.isPending && <Loading label="The flow is on its way" />}
      {flow.isError && (
        <ErrorNote what="The flow could not be loaded." error={flow.error} onRetry={() => void flow.refetch()} />
      )}
      {inExecutions && (
        <ExecutionList
          tenant={tenant}
          filters={{ "filters[namespace][EQUALS]": namespace, "filters[flowId][EQUALS]": flowId }}
          without={WITHOUT}
        />
      )}
      {!inExecutions && flow.data && <Overview tenant={tenant} flow={flow.data} />}
    </Page>
  );
}
