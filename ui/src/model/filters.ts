// Filters are the API's own grammar: `filters[field][OPERATOR]=value`, one more bracket for the key of a label. One parser
// serves the address bar, the chips and the requests.
export const OPERATORS = [
  "EQUALS",
  "NOT_EQUALS",
  "IN",
  "NOT_IN",
  "CONTAINS",
  "STARTS_WITH",
  "ENDS_WITH",
  "PREFIX",
  "REGEX",
  "GREATER_THAN",
  "GREATER_THAN_OR_EQUAL_TO",
  "LESS_THAN",
  "LESS_THAN_OR_EQUAL_TO",
] as const;

export type Operator = (typeof OPERATORS)[number];

export interface Filter {
  field: string;
  operator: Operator;
  /** The key of a map, as in `filters[labels][EQUALS][team]`. */
  key?: string;
  value: string;
  /** The OR group it belongs to and its place there, as in `filters[or][0][state][EQUALS]`. */
  group?: string;
}

export type Search = Record<string, string>;

const PLAIN = /^filters\[([^\]]+)\]\[([A-Z_]+)\](?:\[([^\]]+)\])?$/;
const GROUPED = /^filters((?:\[(?:or|and)\]\[\d+\])+)\[([^\]]+)\]\[([A-Z_]+)\](?:\[([^\]]+)\])?$/;

const isOperator = (text: string): text is Operator => (OPERATORS as readonly string[]).includes(text);

/** The filters of an address, in its order; what is no filter is left alone. */
export function parseFilters(search: Search): Filter[] {
  return Object.entries(search).flatMap(([name, value]) => parseFilter(name, value) ?? []);
}

function parseFilter(name: string, value: string): Filter | undefined {
  const grouped = GROUPED.exec(name);
  if (grouped) {
    const [, group, field, operator, key] = grouped;
    return field && operator && isOperator(operator) ? { field, operator, key, value, group } : undefined;
  }
  const [, field, operator, key] = PLAIN.exec(name) ?? [];
  return field && operator && isOperator(operator) ? { field, operator, key, value } : undefined;
}

export function nameOf(filter: Filter): string {
  const key = filter.key === undefined ? "" : `[${filter.key}]`;
  return `filters${filter.group ?? ""}[${filter.field}][${filter.operator}]${key}`;
}

export function writeFilters(filters: Filter[]): Search {
  return Object.fromEntries(filters.map((filter) => [nameOf(filter), filter.value]));
}

/** The search with these filters in the place of the ones it had. */
export function withFilters(search: Search, filters: Filter[]): Search {
  const rest = Object.entries(search).filter(([name]) => !name.startsWith("filters["));
  return { ...Object.fromEntries(rest), ...writeFilters(filters) };
}

/** The filters with this one added; a filter of the same field, operator and key gives way. */
export function putFilter(filters: Filter[], filter: Filter): Filter[] {
  const place = filters.findIndex((other) => nameOf(other) === nameOf(filter));
  return place < 0 ? [...filters, filter] : filters.with(place, filter);
}

export const valuesOf = (filter: Filter): string[] => filter.value.split(",").filter((value) => value !== "");
