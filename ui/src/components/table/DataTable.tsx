// A table of any length: fixed layout, sticky head, rows that are links, one tab stop with keys inside, more by scrolling.
import { type ColumnDef, tableFeatures, useTable } from "@tanstack/react-table";
import { type ReactNode, useMemo, useState } from "react";
import { useMedia } from "../useMedia";
import { TableRows } from "./TableRows";
import "./table.css";

/** Width is a track of CSS grid: `96px`, or `minmax(160px, 1fr)` for the column that takes the slack. */
export interface ColumnLook {
  width: string;
  align?: "right";
  /** Left out on narrow screens. */
  spare?: boolean;
}

export const features = tableFeatures({ columnMeta: {} as ColumnLook });

export type Column<Row extends object> = ColumnDef<typeof features, Row, unknown>;

export interface DataTableProps<Row extends object> {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  keyOf: (row: Row) => string;
  addressOf: (row: Row) => string;
  groupOf?: (row: Row) => string;
  groupHead?: (group: string) => ReactNode;
  onEnd?: () => void;
  onTop?: (atTop: boolean) => void;
}

const NARROW = "(max-width: 1100px)";

export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { label, rows, keyOf } = props;
  const narrow = useMedia(NARROW);
  const columns = useMemo(
    () => (narrow ? props.columns.filter((column) => !column.meta?.spare) : props.columns),
    [narrow, props.columns],
  );
  const table = useTable({ features, columns, data: rows, getRowId: keyOf });
  const [current, setCurrent] = useState<string>();
  const tracks = columns.map((column) => column.meta?.width ?? "minmax(0, 1fr)").join(" ");
  return (
    <div className="table" role="grid" aria-label={label} aria-rowcount={-1} style={{ "--tracks": tracks } as never}>
      <div role="rowgroup" className="table-top">
        {table.getHeaderGroups().map((group) => (
          <div key={group.id} role="row" className="table-head">
            {group.headers.map((header) => (
              <span key={header.id} role="columnheader" data-align={header.column.columnDef.meta?.align}>
                <table.FlexRender header={header} />
              </span>
            ))}
          </div>
        ))}
      </div>
      <TableRows
        {...props}
        modelRows={table.getRowModel().rows}
        renderCell={(cell) => <table.FlexRender cell={cell} />}
        current={current}
        onCurrent={setCurrent}
      />
    </div>
  );
}
