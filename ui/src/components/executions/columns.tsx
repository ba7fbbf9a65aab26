// The columns of a list of executions.
import type { ExecutionRow } from "../../api/types";
import { flowKey } from "../../model/groups";
import { shortId } from "../../model/ids";
import { hasEnded } from "../../model/states";
import { tookOf } from "../../model/typical";
import { StateText } from "../state/StateText";
import type { Column } from "../table/DataTable";
import { Duration } from "../text/Duration";
import { LabelTags } from "../text/LabelTags";
import { When } from "../text/When";

export function executionColumns(slowest: Map<string, number>, without: string[]): Column<ExecutionRow>[] {
  const columns: Column<ExecutionRow>[] = [
    {
      id: "state",
      header: "State",
      meta: { width: "124px" },
      cell: ({ row }) => <StateText state={row.original.state.current} />,
    },
    {
      id: "flow",
      header: "Flow",
      meta: { width: "minmax(140px, 1.4fr)" },
      cell: ({ row }) => <span className="strong">{row.original.flowId}</span>,
    },
    {
      id: "namespace",
      header: "Namespace",
      meta: { width: "minmax(120px, 1.2fr)" },
      cell: ({ row }) => <span className="muted">{row.original.namespace}</span>,
    },
    {
      id: "started",
      header: "Started",
      meta: { width: "112px" },
      cell: ({ row }) => <When at={row.original.state.startDate} />,
    },
    {
      id: "duration",
      header: slowest.size > 0 ? "Duration, of its p95" : "Duration",
      meta: { width: "168px", align: "right" },
      cell: ({ row }) => <Took execution={row.original} usual={slowest.get(flowKey(row.original))} />,
    },
    {
      id: "trigger",
      header: "Trigger",
      meta: { width: "112px" },
      cell: ({ row }) => <span className="muted">{row.original.trigger?.id ?? "manual"}</span>,
    },
    {
      id: "labels",
      header: "Labels",
      meta: { spare: true, width: "minmax(96px, 1fr)" },
      cell: ({ row }) => (
        <span className="row tags">
          <LabelTags labels={row.original.labels} />
        </span>
      ),
    },
    {
      id: "id",
      header: "Id",
      meta: { spare: true, width: "96px" },
      cell: ({ row }) => <span className="mono muted">{shortId(row.original.id)}</span>,
    },
    {
      id: "revision",
      header: "Rev.",
      meta: { spare: true, width: "56px", align: "right" },
      cell: ({ row }) => row.original.flowRevision,
    },
  ];
  return columns.filter((column) => !without.includes(column.id ?? ""));
}

function Took({ execution, usual }: { execution: ExecutionRow; usual: number | undefined }) {
  const took = tookOf(execution);
  const share = took !== undefined && usual !== undefined ? Math.min(1, took / usual) : undefined;
  return (
    <span className="took">
      <Duration of={execution.state} running={!hasEnded(execution.state.current)} />
      <span className="track" aria-hidden>
        {share !== undefined && <i style={{ width: `${share * 100}%` }} />}
      </span>
    </span>
  );
}
