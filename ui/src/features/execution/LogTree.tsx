// The task runs beside the log, with their errors and lines; one of them narrows the log.
import { useMemo } from "react";
import type { TaskRun } from "../../api/types";
import { StateGlyph } from "../../components/state/StateGlyph";
import { type LogLine, tallyByRun } from "../../model/logs";
import { formatCount } from "../../model/numbers";
import { detailOf, flatten, treeOf } from "../../model/runs";

interface LogTreeProps {
  runs: TaskRun[];
  lines: LogLine[];
  selected: string | undefined;
  onSelect: (run: string | undefined, task: string | undefined) => void;
}

const NOTHING: ReadonlySet<string> = new Set();

export function LogTree({ runs, lines, selected, onSelect }: LogTreeProps) {
  const nodes = useMemo(() => flatten(treeOf(runs), NOTHING), [runs]);
  const tallies = useMemo(() => tallyByRun(lines), [lines]);
  return (
    <nav className="pane log-tree" aria-label="Task runs">
      <p className="log-tree-head caption subtle">
        Task runs <span className="push">errors, lines</span>
      </p>
      <ul className="pane-scroll">
        {nodes.map(({ run, depth }) => {
          const tally = tallies.get(run.id);
          const on = run.id === selected;
          return (
            <li key={run.id}>
              <button
                type="button"
                className="log-tree-row"
                aria-pressed={on}
                style={{ paddingLeft: 14 + depth * 14 }}
                onClick={() => (on ? onSelect(undefined, undefined) : onSelect(run.id, run.taskId))}
              >
                <StateGlyph state={run.state.current} label />
                <span className="cut">{run.taskId}</span>
                <span className="subtle cut">{detailOf(run)}</span>
                <span className="push micro">
                  {tally !== undefined && tally.errors > 0 && (
                    <span className="log-errors">{formatCount(tally.errors)}</span>
                  )}{" "}
                  <span className="subtle">{formatCount(tally?.lines ?? 0)}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
