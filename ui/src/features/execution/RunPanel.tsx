// What there is to know about one task run: its error first, then its log around it, how it got here, what it gave.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Copy, CornerDownRight, X } from "lucide-react";
import { outputIndex, outputsOf } from "../../api/outputs";
import type { Execution, TaskRun } from "../../api/types";
import { Button } from "../../components/controls/Button";
import { IconButton } from "../../components/controls/IconButton";
import { StateGlyph } from "../../components/state/StateGlyph";
import type { FollowedLog } from "../../components/useLog";
import { useNow } from "../../components/useNow";
import { executionAddress } from "../../model/addresses";
import { formatDuration } from "../../model/durations";
import { shortId } from "../../model/ids";
import { errorText, type LogLine, linesAround, plainText } from "../../model/logs";
import { formatClock } from "../../model/moments";
import { formatCount } from "../../model/numbers";
import { attemptCount, detailOf, runsOf } from "../../model/runs";
import { hasEnded, wordOf } from "../../model/states";
import { valueRows } from "../../model/values";
import { texts } from "../../texts";

interface RunPanelProps {
  tenant: string;
  execution: Execution;
  run: TaskRun;
  log: FollowedLog;
  onClose: () => void;
}

const LINES = 8;

export function RunPanel({ tenant, execution, run, log, onClose }: RunPanelProps) {
  const failed = run.state.current === "FAILED";
  const error = failed ? errorText(log.lines, run.id) : undefined;
  const own = log.lines.filter((line) => line.entry.taskRunId === run.id);
  const around = linesAround(log.lines, run.id, error?.line.number, LINES);
  const address = executionAddress(tenant, execution, "logs");
  return (
    <aside
      className="pane run-panel"
      aria-label={failed ? `What went wrong in ${run.taskId}` : `Task run ${run.taskId}`}
    >
      <header className="pane-head">
        <StateGlyph state={run.state.current} label />
        <h2 className="cut">{run.taskId}</h2>
        <span className="caption subtle cut">{detailOf(run)}</span>
        <span className="push">
          <IconButton label="Close" shortcut="Esc" size="small" onClick={onClose}>
            <X aria-hidden />
          </IconButton>
        </span>
      </header>
      <div className="pane-scroll run-panel-body" tabIndex={0} role="region" aria-label={`Details of ${run.taskId}`}>
        {failed && <ErrorOfRun run={run} error={error} address={address} pending={log.pending} />}
        <History run={run} />
        {run.state.current === "SUCCESS" && <Outputs tenant={tenant} execution={execution} run={run} />}
        <h3>
          Log{" "}
          <span className="caption subtle">
            {own.length > around.length ? `${around.length} of ${texts.lines(own.length)}` : texts.lines(own.length)}
          </span>
          <Link to={address} search={{ run: run.id }} className="link caption push">
            All lines
          </Link>
        </h3>
        {around.length > 0 && <PanelLog lines={around} address={address} run={run} />}
      </div>
    </aside>
  );
}

interface ErrorOfRunProps {
  run: TaskRun;
  error: { text: string; line: LogLine } | undefined;
  address: string;
  pending: boolean;
}

function ErrorOfRun({ run, error, address, pending }: ErrorOfRunProps) {
  const attempts = attemptCount(run);
  const worker = run.attempts?.at(-1)?.workerId;
  const words = [
    attempts > 1 ? `Attempt ${attempts} of ${attempts}` : undefined,
    worker ? `on ${shortId(worker)}` : undefined,
  ];
  return (
    <>
      <h3>
        Error
        <span className="push row">
          {error && (
            <>
              <Button
                size="small"
                tone="quiet"
                icon={<Copy aria-hidden />}
                onClick={() => void navigator.clipboard.writeText(error.text)}
              >
                Copy
              </Button>
              <Link
                to={address}
                search={{ run: run.id, line: String(error.line.number) }}
                className="button"
                data-tone="quiet"
                data-size="small"
              >
                <CornerDownRight aria-hidden />
                Log line {formatCount(error.line.number)}
              </Link>
            </>
          )}
        </span>
      </h3>
      {error ? (
        <pre className="error-text" tabIndex={0}>
          {error.text}
        </pre>
      ) : (
        <p className="muted">
          {pending
            ? "The log is on its way."
            : "The task failed without a line of level ERROR. The log below holds what it said."}
        </p>
      )}
      <p className="caption subtle">{words.filter(Boolean).join(", ")}</p>
    </>
  );
}

function History({ run }: { run: TaskRun }) {
  const now = useNow(!hasEnded(run.state.current));
  const moments = run.state.histories;
  return (
    <>
      <h3>How it got here</h3>
      <div className="steps">
        {moments.map((moment, index) => {
          const at = new Date(moment.date).getTime();
          const next = moments[index + 1];
          const until = next ? new Date(next.date).getTime() : now;
          return (
            <Step
              key={`${moment.state}${moment.date}`}
              clock={formatClock(at)}
              words={wordOf(moment.state).toLowerCase()}
              took={next || !hasEnded(moment.state) ? formatDuration(until - at) : ""}
            />
          );
        })}
      </div>
    </>
  );
}

const Step = ({ clock, words, took }: { clock: string; words: string; took: string }) => (
  <>
    <span className="muted">{clock}</span>
    <span>{words}</span>
    <span className="muted">{took}</span>
  </>
);

function Outputs({ tenant, execution, run }: { tenant: string; execution: Execution; run: TaskRun }) {
  const index = useQuery(outputIndex(tenant, execution.id, runsOf(execution).length));
  const known = index.data?.some((reference) => reference.taskRunId === run.id) ?? false;
  const outputs = useQuery({ ...outputsOf(tenant, execution.id, run.id), enabled: known });
  if (!outputs.data) return null;
  return (
    <>
      <h3>
        Outputs
        <Link
          to={executionAddress(tenant, execution, "outputs")}
          search={{ run: run.id }}
          className="link caption push"
        >
          All values
        </Link>
      </h3>
      <div className="panel-values">
        {valueRows(outputs.data, new Set()).map((row) => (
          <Pair key={row.path} name={row.name} text={row.text} />
        ))}
      </div>
    </>
  );
}

const Pair = ({ name, text }: { name: string; text: string }) => (
  <>
    <span className="mono muted cut">{name}</span>
    <span className="mono cut">{text}</span>
  </>
);

function PanelLog({ lines, address, run }: { lines: LogLine[]; address: string; run: TaskRun }) {
  return (
    <div className="panel-log">
      {lines.map(({ number, entry }) => (
        <Link key={number} to={address} search={{ run: run.id, line: String(number) }} data-level={entry.level}>
          <span className="subtle">{formatClock(new Date(entry.timestamp).getTime())}</span>
          <span className="subtle">{entry.level.charAt(0)}</span>
          <span className="cut">{plainText(entry.message)}</span>
        </Link>
      ))}
    </div>
  );
}
