// The outputs of one task run below its name; they are asked for when it is opened.
import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useEffect, useState } from "react";
import { outputsOf } from "../../api/outputs";
import type { Execution, OutputReference } from "../../api/types";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { StateGlyph } from "../../components/state/StateGlyph";
import { runsOf } from "../../model/runs";
import type { Chosen } from "./OutputsTab";
import { ValueTree } from "./ValueTree";

interface TaskOutputsProps {
  tenant: string;
  execution: Execution;
  reference: OutputReference;
  few: boolean;
  current: string | undefined;
  onChoose: (chosen: Chosen) => void;
  onFound: (chosen: Chosen) => void;
}

export function TaskOutputs({ tenant, execution, reference, few, current, onChoose, onFound }: TaskOutputsProps) {
  const root = `outputs.${reference.taskRunId}`;
  const [open, setOpen] = useState(few || (current?.startsWith(root) ?? false));
  const outputs = useQuery({ ...outputsOf(tenant, execution.id, reference.taskRunId), enabled: open });
  const run = runsOf(execution).find((candidate) => candidate.id === reference.taskRunId);
  const wanted = current?.startsWith(`${root}.`) ? current.slice(root.length + 1) : undefined;
  // The address names a value; it can be shown once the outputs are there.
  useEffect(() => {
    if (wanted === undefined || !outputs.data) return;
    const value = wanted
      .split(".")
      .reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], outputs.data);
    if (value !== undefined) onFound({ path: `${root}.${wanted}`, value });
  }, [wanted, outputs.data, root, onFound]);
  return (
    <section>
      <button type="button" className="values-task" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className="fold">{open ? <ChevronDown aria-hidden /> : <ChevronRight aria-hidden />}</span>
        {run && <StateGlyph state={run.state.current} label />}
        <span className="strong cut">{reference.taskId}</span>
        <span className="subtle">
          {reference.value ?? (reference.iteration === undefined ? "" : `#${reference.iteration}`)}
        </span>
      </button>
      {open && outputs.isError && (
        <ErrorNote
          what="These outputs could not be loaded."
          error={outputs.error}
          onRetry={() => void outputs.refetch()}
        />
      )}
      {open && outputs.data && (
        <ValueTree values={outputs.data} root={root} indent={1} current={current} onChoose={onChoose} />
      )}
    </section>
  );
}
