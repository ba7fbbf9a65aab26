// What went in and what came out: the tree of values at the left, the chosen value or file at the right.
import type { UseQueryResult } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { Execution, OutputReference } from "../../api/types";
import { EmptyState } from "../../components/feedback/EmptyState";
import { ErrorNote } from "../../components/feedback/ErrorNote";
import { useSearchParams } from "../../components/useSearchParams";
import { labelsOf } from "../../model/groups";
import { texts } from "../../texts";
import { TaskOutputs } from "./TaskOutputs";
import { ValuePreview } from "./ValuePreview";
import { ValueTree } from "./ValueTree";
import "./outputs.css";

interface OutputsTabProps {
  tenant: string;
  execution: Execution;
  index: UseQueryResult<OutputReference[]>;
}

export interface Chosen {
  path: string;
  value: unknown;
}

export function OutputsTab({ tenant, execution, index }: OutputsTabProps) {
  const { search, replace } = useSearchParams();
  const [chosen, setChosen] = useState<Chosen>();
  const choose = (next: Chosen) => {
    setChosen(next);
    replace({ value: next.path });
  };
  const current = chosen?.path ?? search.value;
  const labels = useMemo(
    () => Object.fromEntries(labelsOf(execution.labels).map(({ key, value }) => [key, value])),
    [execution.labels],
  );
  const groups: { title: string; values: Record<string, unknown> | undefined; root: string }[] = [
    { title: "Flow outputs", values: execution.outputs, root: "flow" },
    { title: "Inputs", values: execution.inputs, root: "inputs" },
    { title: "Variables", values: execution.variables, root: "vars" },
    { title: "Labels", values: labels, root: "labels" },
    { title: "Trigger", values: execution.trigger && { ...execution.trigger }, root: "trigger" },
  ];
  const filled = groups.filter((group) => group.values !== undefined && Object.keys(group.values).length > 0);
  const nothing = filled.length === 0 && index.data?.length === 0;
  return (
    <div className="split stack">
      <div className="pane values">
        <div className="pane-scroll" tabIndex={0} role="region" aria-label="Values">
          {index.isError && (
            <ErrorNote
              what="The outputs could not be loaded."
              error={index.error}
              onRetry={() => void index.refetch()}
            />
          )}
          {nothing && (
            <EmptyState title="No values">
              This execution had no inputs, and none of its tasks gave an output.
            </EmptyState>
          )}
          {index.data !== undefined && index.data.length > 0 && (
            <>
              <h2 className="values-head">
                Outputs <span className="caption subtle push">{texts.tasks(index.data.length)}</span>
              </h2>
              {index.data.map((reference) => (
                <TaskOutputs
                  key={reference.taskRunId}
                  tenant={tenant}
                  execution={execution}
                  reference={reference}
                  few={index.data.length <= 20}
                  current={current}
                  onChoose={choose}
                  onFound={setChosen}
                />
              ))}
            </>
          )}
          {filled.map(({ title, values = {}, root }) => (
            <section key={root}>
              <h2 className="values-head">
                {title} <span className="caption subtle push">{Object.keys(values).length}</span>
              </h2>
              <ValueTree values={values} root={root} current={current} onChoose={choose} />
            </section>
          ))}
        </div>
      </div>
      <div className="pane grow">
        {chosen ? (
          <ValuePreview key={chosen.path} tenant={tenant} executionId={execution.id} chosen={chosen} />
        ) : (
          !nothing && (
            <EmptyState title="Choose a value">Files are shown by their first rows, other values in full.</EmptyState>
          )
        )}
      </div>
    </div>
  );
}
