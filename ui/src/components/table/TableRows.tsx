// The rows of a table that are on the screen, and the keys that move among them.

import { Link, useNavigate } from "@tanstack/react-router";
import type { Cell, Row as ModelRow } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from "react";
import { useRowHeight } from "../../theme/useRowHeight";
import { useKeys } from "../useKeys";
import type { DataTableProps, features } from "./DataTable";

type Features = typeof features;

interface TableRowsProps<Row extends object> extends DataTableProps<Row> {
  modelRows: ModelRow<Features, Row>[];
  renderCell: (cell: Cell<Features, Row, unknown>) => ReactNode;
  current: string | undefined;
  onCurrent: (key: string) => void;
}

type Item<Row extends object> = { kind: "group"; group: string } | { kind: "row"; row: ModelRow<Features, Row> };

const NEAR_THE_END = 15;

export function TableRows<Row extends object>(props: TableRowsProps<Row>) {
  const { modelRows, addressOf, groupHead, renderCell, current, onCurrent, onEnd, onTop, label } = props;
  const box = useRef<HTMLDivElement>(null);
  const height = useRowHeight();
  const navigate = useNavigate();
  const items = useMemo(() => withGroups(modelRows, props.groupOf), [modelRows, props.groupOf]);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the density changes the height of every row
  useEffect(() => virtual.measure(), [height]);
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (items.length > 0 && last >= items.length - NEAR_THE_END) onEnd?.();
  }, [last, items.length, onEnd]);

  const move = (by: number) => {
    const place = modelRows.findIndex((row) => row.id === current);
    const next = modelRows[Math.max(0, Math.min(modelRows.length - 1, place + by))];
    if (!next) return;
    onCurrent(next.id);
    box.current?.focus({ preventScroll: true });
    virtual.scrollToIndex(items.findIndex((item) => item.kind === "row" && item.row.id === next.id));
  };
  const open = () => {
    const row = modelRows.find((candidate) => candidate.id === current);
    if (row) void navigate({ to: addressOf(row.original) });
  };
  useKeys({ j: () => move(1), k: () => move(-1) });
  const onKeyDown = (event: KeyboardEvent) => {
    const deeds: Record<string, () => void> = { ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: open };
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  };

  return (
    <div
      ref={box}
      className="table-box"
      role="rowgroup"
      aria-label={label}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onScroll={(event) => onTop?.(event.currentTarget.scrollTop < height)}
    >
      <div className="table-room" style={{ height: virtual.getTotalSize() }}>
        {shown.map(({ index, start }) => {
          const item = items[index];
          if (!item) return null;
          const style = { transform: `translateY(${start}px)`, height };
          if (item.kind === "group") {
            return (
              <div key={`group ${item.group}`} className="table-group" role="row" style={style}>
                <span role="gridcell">{groupHead?.(item.group) ?? item.group}</span>
              </div>
            );
          }
          return (
            <div
              key={item.row.id}
              className="table-row"
              role="row"
              style={style}
              aria-selected={item.row.id === current}
              data-current={item.row.id === current || undefined}
            >
              {item.row.getAllCells().map((cell, place) => (
                <span key={cell.id} role="gridcell" data-align={cell.column.columnDef.meta?.align}>
                  {place === 0 ? (
                    <Link to={addressOf(item.row.original)} className="row-link" tabIndex={-1}>
                      {renderCell(cell)}
                    </Link>
                  ) : (
                    renderCell(cell)
                  )}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function withGroups<Row extends object>(
  rows: ModelRow<Features, Row>[],
  groupOf: ((row: Row) => string) | undefined,
): Item<Row>[] {
  let before: string | undefined;
  return rows.flatMap((row): Item<Row>[] => {
    const group = groupOf?.(row.original);
    const head: Item<Row>[] = group !== undefined && group !== before ? [{ kind: "group", group }] : [];
    before = group;
    return [...head, { kind: "row", row }];
  });
}
