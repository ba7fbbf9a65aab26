// The columns of the list of flows.
import type { ExecutionRow, FlowRow } from "../../api/types";
import { HistoryBars } from "../../components/executions/HistoryBars";
import { StateText } from "../../components/state/StateText";
import { TriggerIcon } from "../../components/TriggerIcon";
import type { Column } from "../../components/table/DataTable";
import { LabelTags } from "../../components/text/LabelTags";
import { When } from "../../components/text/When";
import { formatDuration } from "../../model/durations";
import { reliabilityOf } from "../../model/history";
import { onDemand, triggerKind } from "../../model/triggers";
import "./flows.css";

export const RUNS_SHOWN = 24;

type Histories = Map<string, ExecutionRow[]>;

export function flowColumns(histories: Histories, next: Map<string, string>): Column<FlowRow>[] {
  const historyOf = (flow: FlowRow) => histories.get(`${flow.namespace}/${flow.id}`) ?? [];
  const lastOf = (flow: FlowRow) => historyOf(flow).at(-1);
  return [
    {
      id: "flow",
      header: "Flow",
      meta: { width: "minmax(160px, 1.2fr)" },
      cell: ({ row }) => <Name flow={row.original} />,
    },
    {
      id: "labels",
      header: "Labels",
      meta: { spare: true, width: "minmax(120px, 1fr)" },
      cell: ({ row }) => (
        <span className="row tags">
          <LabelTags labels={row.original.labels} />
        </span>
      ),
    },
    {
      id: "runs",
      header: `Last ${RUNS_SHOWN} runs`,
      meta: { width: "168px" },
      cell: ({ row }) => <HistoryBars history={historyOf(row.original)} places={RUNS_SHOWN} />,
    },
    {
      id: "state",
      header: "Last state",
      meta: { width: "112px" },
      cell: ({ row }) => <LastState execution={lastOf(row.original)} />,
    },
    {
      id: "when",
      header: "When",
      meta: { width: "104px" },
      cell: ({ row }) => (
        <span className="muted">
          <When at={lastOf(row.original)?.state.startDate} relative />
        </span>
      ),
    },
    {
      id: "next",
      header: "Next",
      meta: { width: "112px" },
      cell: ({ row }) => (
        <span className="muted">
          <Next flow={row.original} next={next} />
        </span>
      ),
    },
    {
      id: "p50",
      header: "p50",
      meta: { width: "84px", align: "right" },
      cell: ({ row }) => lengthText(reliabilityOf(historyOf(row.original)).p50),
    },
    {
      id: "success",
      header: "Success",
      meta: { spare: true, width: "76px", align: "right" },
      cell: ({ row }) => <Success history={historyOf(row.original)} />,
    },
    {
      id: "triggers",
      header: "Triggers",
      meta: { spare: true, width: "80px", align: "right" },
      cell: ({ row }) => (
        <span className="trigger-icons">
          {row.original.triggers?.map((trigger) => (
            <TriggerIcon key={trigger.id} id={trigger.id} type={trigger.type} />
          ))}
        </span>
      ),
    },
  ];
}

const lengthText = (length: number | undefined): string => (length === undefined ? "–" : formatDuration(length));

function Name({ flow }: { flow: FlowRow }) {
  return (
    <>
      <span className={flow.disabled ? "subtle" : "strong"}>{flow.id}</span>
      {flow.disabled && <span className="tag flow-tag">disabled</span>}
    </>
  );
}

const LastState = ({ execution }: { execution: ExecutionRow | undefined }) =>
  execution ? <StateText state={execution.state.current} /> : <span className="subtle">never ran</span>;

function Next({ flow, next }: { flow: FlowRow; next: Map<string, string> }) {
  const date = next.get(`${flow.namespace}/${flow.id}`);
  if (flow.disabled) return "disabled";
  if (date) return <When at={date} />;
  const first = flow.triggers?.[0];
  return first ? onDemand[triggerKind(first.type)] : "on request";
}

const WORRYING = 95;

function Success({ history }: { history: ExecutionRow[] }) {
  const { success } = reliabilityOf(history);
  if (success === undefined) return "–";
  return <span className={success < WORRYING ? "success-low" : ""}>{success} %</span>;
}
