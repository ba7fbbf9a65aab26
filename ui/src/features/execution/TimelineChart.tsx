// The chart: a row for each task run with its name, its lane and how long it took. Rows off the screen are not drawn.
import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { TaskRun } from "../../api/types";
import { StateGlyph } from "../../components/state/StateGlyph";
import { useKeys } from "../../components/useKeys";
import { formatDuration } from "../../model/durations";
import { detailOf } from "../../model/runs";
import type { Timeline, TimelineRow } from "../../model/timeline";
import { useRowHeight } from "../../theme/useRowHeight";
import { Lane } from "./Lane";
import { LanePatterns } from "./LanePatterns";

interface TimelineChartProps {
  timeline: Timeline;
  selected: string | undefined;
  withPath: boolean;
  onSelect: (run: TaskRun) => void;
  onFold: (id: string) => void;
}

export function TimelineChart({ timeline, selected, withPath, onSelect, onFold }: TimelineChartProps) {
  const { rows } = timeline;
  const box = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 10,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the density changes the height of every row
  useEffect(() => virtual.measure(), [height]);
  const place = rows.findIndex((row) => row.run.id === selected);
  const move = (by: number) => {
    const next = rows[Math.max(0, Math.min(rows.length - 1, place + by))];
    if (!next) return;
    onSelect(next.run);
    virtual.scrollToIndex(rows.indexOf(next));
  };
  const turn = (folded: boolean) => {
    const row = rows[place];
    if (row?.folds && row.folded !== folded) onFold(row.run.id);
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  const onKeyDown = (event: KeyboardEvent) => {
    const deeds: Record<string, () => void> = {
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      ArrowLeft: () => turn(true),
      ArrowRight: () => turn(false),
    };
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  };
  return (
    <div className="timeline" role="treegrid" aria-label="Task runs">
      <LanePatterns />
      <ChartHead timeline={timeline} />
      <div ref={box} className="timeline-box" role="rowgroup" tabIndex={0} onKeyDown={onKeyDown}>
        <div className="timeline-room" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <div
                key={row.run.id}
                id={`lane-${row.run.id}`}
                className="timeline-row"
                role="row"
                aria-level={row.depth + 1}
                aria-expanded={row.folds ? !row.folded : undefined}
                aria-selected={row.run.id === selected}
                style={{ transform: `translateY(${start}px)`, height }}
              >
                <NameCell row={row} onSelect={onSelect} onFold={onFold} />
                <span role="gridcell" className="timeline-lane">
                  <Lane row={row} timeline={timeline} height={height} withPath={withPath} />
                </span>
                <span role="gridcell" className="timeline-took">
                  {formatDuration(row.took)}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function ChartHead({ timeline }: { timeline: Timeline }) {
  return (
    <div role="rowgroup" className="timeline-top">
      <div className="timeline-head" role="row">
        <span role="columnheader">Task run</span>
        <span role="columnheader" className="timeline-ticks">
          <span className="visually-hidden">Time</span>
          {timeline.ticks.map((tick) => (
            <span key={tick.after} className="micro tick" style={{ left: `${tick.place * 100}%` }} aria-hidden>
              {tickText(tick.after)}
            </span>
          ))}
        </span>
        <span role="columnheader" className="timeline-took">
          Took
        </span>
      </div>
    </div>
  );
}

const tickText = (after: number): string => formatDuration(after).replace(/ 00?[smh]$/, "");

interface NameCellProps {
  row: TimelineRow;
  onSelect: (run: TaskRun) => void;
  onFold: (id: string) => void;
}

function NameCell({ row, onSelect, onFold }: NameCellProps) {
  const detail = detailOf(row.run);
  return (
    <span role="gridcell" className="timeline-name" style={{ paddingLeft: 12 + row.depth * 14 }}>
      {row.folds ? (
        <button
          type="button"
          className="fold"
          tabIndex={-1}
          aria-label={row.folded ? "Unfold" : "Fold"}
          onClick={() => onFold(row.run.id)}
        >
          {row.folded ? <ChevronRight aria-hidden /> : <ChevronDown aria-hidden />}
        </button>
      ) : (
        <span className="fold" />
      )}
      <StateGlyph state={row.state} label />
      <button
        type="button"
        className="timeline-open cut"
        tabIndex={-1}
        data-strong={row.depth === 0 || undefined}
        onClick={() => onSelect(row.run)}
      >
        {row.run.taskId}
        {detail && <span className="subtle"> {detail}</span>}
      </button>
    </span>
  );
}
