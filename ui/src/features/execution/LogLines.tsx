// The lines themselves: only what is on the screen is drawn, the head of a group sticks, the newest line is followed.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import type { TaskRun } from "../../api/types";
import { headAt, type LogRow, minimapMarks } from "../../model/logs";
import { LogGroupHead } from "./LogGroupHead";
import { LogLineView } from "./LogLineView";

interface LogLinesProps {
  rows: LogRow[];
  runs: TaskRun[];
  text: string;
  line: number | undefined;
  wrap: boolean;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  onLine: (number: number) => void;
  onFold: (key: string) => void;
}

const LINE = 18;
const HEAD = 30;
const MARKS = 200;
const AT_THE_END = 24;

export function LogLines(props: LogLinesProps) {
  const { rows, runs, text, line, wrap, follow, onFollow, onLine, onFold } = props;
  const box = useRef<HTMLDivElement>(null);
  const names = useMemo(() => new Map(runs.map((run) => [run.id, run])), [runs]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (rows[index]?.kind === "head" ? HEAD : LINE),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 20,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the heights of all lines change with wrapping
  useEffect(() => virtual.measure(), [wrap]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a line is gone to when it is chosen or appears, not when others come
  useEffect(() => {
    const place = rows.findIndex((row) => row.kind === "line" && row.line.number === line);
    if (place >= 0) virtual.scrollToIndex(place, { align: "center" });
  }, [line, rows.length > 0]);
  useEffect(() => {
    if (follow && rows.length > 0) virtual.scrollToIndex(rows.length - 1, { align: "end" });
  }, [follow, rows.length, virtual]);

  const shown = virtual.getVirtualItems();
  const offset = virtual.scrollOffset ?? 0;
  const first = shown.find((item) => item.end > offset)?.index ?? 0;
  const head = headAt(rows, first);
  const marks = useMemo(() => minimapMarks(rows, MARKS), [rows]);
  const before = useRef(0);
  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const rest = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (element.scrollTop < before.current && rest > AT_THE_END) onFollow(false);
    if (rest < 1) onFollow(true);
    before.current = element.scrollTop;
  };
  return (
    <div className="log-frame">
      {head?.kind === "head" && (
        <div className="log-sticky">
          <LogGroupHead
            head={head}
            run={names.get(head.taskRunId ?? "")}
            folded={isFolded(rows, head.key)}
            onFold={onFold}
          />
        </div>
      )}
      <div
        ref={box}
        className="log-box"
        data-wrap={wrap || undefined}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label="Log"
        onScroll={onScroll}
      >
        <div className="log-room" style={{ height: virtual.getTotalSize() }}>
          {shown.map(({ index, start, key }) => {
            const row = rows[index];
            if (!row) return null;
            return (
              <div
                key={key}
                ref={virtual.measureElement}
                data-index={index}
                className="log-place"
                style={{ transform: `translateY(${start}px)` }}
              >
                {row.kind === "head" ? (
                  <LogGroupHead
                    head={row}
                    run={names.get(row.taskRunId ?? "")}
                    folded={isFolded(rows, row.key)}
                    onFold={onFold}
                  />
                ) : (
                  <LogLineView line={row.line} text={text} current={row.line.number === line} onLine={onLine} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      <div className="minimap" aria-hidden>
        {marks.map((mark) => (
          <button
            key={mark.place}
            type="button"
            tabIndex={-1}
            className="minimap-mark"
            data-level={mark.level}
            style={{ top: `${mark.place * 100}%` }}
            onClick={() => virtual.scrollToIndex(Math.floor(mark.place * rows.length), { align: "center" })}
          />
        ))}
      </div>
    </div>
  );
}

function isFolded(rows: LogRow[], key: string): boolean {
  const place = rows.findIndex((row) => row.key === key);
  return rows[place + 1]?.kind !== "line";
}
