// Values of inputs and outputs as rows of a tree, each with its type and a text of one line.
export interface ValueRow {
  path: string;
  name: string;
  depth: number;
  type: string;
  text: string;
  value: unknown;
  folds: boolean;
}

const SECRET_TYPE = "io.kestra.datatype:aes_encrypted";

export const isFile = (value: unknown): value is string => typeof value === "string" && value.startsWith("kestra://");

export const isSecret = (value: unknown): boolean =>
  value !== null && typeof value === "object" && (value as { type?: unknown }).type === SECRET_TYPE;

export function typeOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (isFile(value)) return "file";
  if (isSecret(value)) return "secret";
  if (Array.isArray(value)) return "list";
  if (typeof value === "object") return "map";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return "string";
}

/** The value in one line; nested ones as their count. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (isFile(value)) return fileName(value);
  if (isSecret(value)) return "••••••";
  if (Array.isArray(value)) return JSON.stringify(value);
  if (typeof value === "object") {
    const count = Object.keys(value).length;
    return count === 1 ? "1 entry" : `${count} entries`;
  }
  return String(value);
}

export const fileName = (uri: string): string => decodeURIComponent(uri.split("/").at(-1) ?? uri);

/** Rows of a map, nested ones below their parent when it is open. */
export function valueRows(
  values: Record<string, unknown>,
  open: ReadonlySet<string>,
  prefix = "",
  depth = 0,
): ValueRow[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const nested = value !== null && typeof value === "object" && !isSecret(value);
    const folds = nested && Object.keys(value).length > 0;
    const row: ValueRow = { path, name, depth, type: typeOf(value), text: valueText(value), value, folds };
    if (!folds || !open.has(path)) return [row];
    return [row, ...valueRows(value as Record<string, unknown>, open, path, depth + 1)];
  });
}
