// Which fields an execution can be filtered by, with which operators, and how they read in a chip.
import type { Operator } from "./filters";

export type FieldKind = "state" | "text" | "moment" | "label" | "period" | "choice";

export interface Field {
  name: string;
  word: string;
  kind: FieldKind;
  operators: Operator[];
  choices?: string[];
}

const TEXT: Operator[] = ["CONTAINS", "EQUALS", "NOT_EQUALS", "STARTS_WITH", "ENDS_WITH", "IN", "NOT_IN"];
const MOMENT: Operator[] = ["GREATER_THAN_OR_EQUAL_TO", "LESS_THAN_OR_EQUAL_TO", "GREATER_THAN", "LESS_THAN"];

export const EXECUTION_FIELDS: Field[] = [
  { name: "state", word: "state", kind: "state", operators: ["IN", "NOT_IN"] },
  { name: "namespace", word: "namespace", kind: "text", operators: ["PREFIX", ...TEXT] },
  { name: "flowId", word: "flow", kind: "text", operators: TEXT },
  { name: "labels", word: "label", kind: "label", operators: ["EQUALS", "NOT_EQUALS"] },
  { name: "timeRange", word: "started in the last", kind: "period", operators: ["EQUALS"] },
  { name: "startDate", word: "started", kind: "moment", operators: MOMENT },
  { name: "endDate", word: "ended", kind: "moment", operators: MOMENT },
  { name: "triggerExecutionId", word: "parent", kind: "text", operators: ["EQUALS", "NOT_EQUALS"] },
  { name: "childFilter", word: "shows", kind: "choice", operators: ["EQUALS"], choices: ["MAIN", "CHILD"] },
  { name: "q", word: "text", kind: "text", operators: ["EQUALS"] },
];

const OPERATOR_WORDS: Record<Operator, string> = {
  EQUALS: "is",
  NOT_EQUALS: "is not",
  IN: "is any of",
  NOT_IN: "is none of",
  CONTAINS: "contains",
  STARTS_WITH: "starts with",
  ENDS_WITH: "ends with",
  PREFIX: "is in",
  REGEX: "matches",
  GREATER_THAN: "after",
  GREATER_THAN_OR_EQUAL_TO: "from",
  LESS_THAN: "before",
  LESS_THAN_OR_EQUAL_TO: "until",
};

export function fieldOf(name: string): Field {
  const known = EXECUTION_FIELDS.find((field) => field.name === name);
  return known ?? { name, word: name, kind: "text", operators: TEXT };
}

export function operatorWord(field: Field, operator: Operator): string {
  return field.kind === "period" ? "" : OPERATOR_WORDS[operator];
}
