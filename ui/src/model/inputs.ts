// Inputs of a flow as fields of a form: which widget, what is sent for it, which message of the server belongs to it.
import type { FlowInput } from "./flow";

export type Widget =
  | "line"
  | "number"
  | "switch"
  | "yes-no"
  | "radios"
  | "select"
  | "suggest"
  | "chips"
  | "date"
  | "time"
  | "datetime"
  | "duration"
  | "file"
  | "code"
  | "secret"
  | "rows"
  | "group";

export interface Choice {
  value: string;
  label: string;
}

/** What a field holds: text, several texts, a file, or nothing yet. */
export type FieldValue = string | string[] | File | undefined;
export type FieldValues = Record<string, FieldValue>;

/** What the server says about one input before it is sent: its value or default, whether it counts, what is wrong. */
export interface ValidatedInput {
  input: FlowInput;
  value?: unknown;
  enabled: boolean;
  isDefault?: boolean;
  errors?: { message: string }[];
}

export interface ValidatedInputs {
  inputs: ValidatedInput[];
  checks?: { message: string; style?: string }[];
}

export function widgetOf(input: FlowInput): Widget {
  switch (input.type) {
    case "INT":
    case "FLOAT":
      return "number";
    case "BOOL":
    case "BOOLEAN":
      return input.defaults === undefined || input.defaults === null ? "yes-no" : "switch";
    case "SELECT":
    case "ENUM":
      if (input.allowCustomValue) return "suggest";
      return input.isRadio ? "radios" : "select";
    case "MULTISELECT":
      return "chips";
    case "DATE":
      return "date";
    case "TIME":
      return "time";
    case "DATETIME":
      return "datetime";
    case "DURATION":
      return "duration";
    case "FILE":
      return "file";
    case "JSON":
    case "YAML":
      return "code";
    case "SECRET":
      return "secret";
    case "ARRAY":
      return "rows";
    case "FORM":
      return "group";
    default:
      return "line";
  }
}

export const titleOf = (input: FlowInput): string => input.displayName ?? input.id;

/** The type at the right of the label; arrays say of what. */
export function typeText(input: FlowInput): string {
  const of = input.type === "ARRAY" || input.type === "MULTISELECT" ? input.itemType : undefined;
  return of ? `${input.type} of ${of}` : input.type;
}

/** Choices are plain values or `{label, value}`. */
export function choicesOf(input: FlowInput): Choice[] {
  return (input.values ?? input.options ?? []).map((choice) => {
    if (choice !== null && typeof choice === "object") {
      const { value, label } = choice as { value: unknown; label?: unknown };
      return { value: String(value), label: String(label ?? value) };
    }
    return { value: String(choice), label: String(choice) };
  });
}

/** "1 to 10", "at least 1", "at most 10". */
export function boundsText(input: FlowInput): string | undefined {
  const least = input.min ?? input.after;
  const most = input.max ?? input.before;
  if (least !== undefined && most !== undefined) return `${least} to ${most}`;
  if (least !== undefined) return `at least ${least}`;
  return most === undefined ? undefined : `at most ${most}`;
}

/** The default as the server will fill it in: the rendered value when it told one, else the text of the flow. */
export function defaultText(input: FlowInput, validated?: ValidatedInput): string | undefined {
  const value = (validated?.isDefault ? validated.value : undefined) ?? input.defaults ?? input.prefill;
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Inputs of forms carry the name of their form before a dot. */
export function fieldsOf(inputs: FlowInput[], prefix = ""): { name: string; input: FlowInput }[] {
  return inputs.flatMap((input) => {
    const name = `${prefix}${input.id}`;
    return input.type === "FORM" ? fieldsOf(input.inputs ?? [], `${name}.`) : [{ name, input }];
  });
}

/** One part for each field that holds something; a file only when files are asked for. */
export function toParts(inputs: FlowInput[], values: FieldValues, files: "with files" | "without files"): FormData {
  const form = new FormData();
  for (const { name, input } of fieldsOf(inputs)) {
    const value = values[name];
    if (value === undefined || value === "") continue;
    if (value instanceof File) {
      if (files === "with files") form.append(name, value, value.name);
    } else form.append(name, Array.isArray(value) ? listText(input, value) : textOf(input, value));
  }
  return form;
}

function textOf(input: FlowInput, text: string): string {
  if (input.type !== "DATETIME") return text;
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? text : moment.toISOString();
}

const JSON_ITEMS = ["INT", "FLOAT", "BOOL", "BOOLEAN", "JSON"];

function listText(input: FlowInput, items: string[]): string {
  const asJson = JSON_ITEMS.includes(input.itemType ?? "STRING");
  return JSON.stringify(items.filter((item) => item !== "").map((item) => (asJson ? jsonOr(item) : item)));
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Fields filled with what an earlier execution got; secrets and files are left out. */
export function prefill(inputs: FlowInput[], given: Record<string, unknown>): FieldValues {
  return Object.fromEntries(
    fieldsOf(inputs).flatMap(({ name, input }) => {
      const value = name.split(".").reduce<unknown>((part, key) => (part as Record<string, unknown>)?.[key], given);
      if (value === undefined || value === null || input.type === "SECRET" || input.type === "FILE") return [];
      return [[name, fieldValue(input, value)]];
    }),
  );
}

function fieldValue(input: FlowInput, value: unknown): FieldValue {
  if (Array.isArray(value) && ["ARRAY", "MULTISELECT"].includes(input.type)) {
    return value.map((item) => (typeof item === "string" ? item : JSON.stringify(item)));
  }
  if (input.type === "DATETIME" && typeof value === "string") return localText(value);
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** An instant as a field of date and time wants it: local, without a zone. */
export function localText(instant: string): string {
  const moment = new Date(instant);
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

const NAMED = [/input `([^`]+)`/, /required input:\s*`?([^\s`]+)`?/i];

export interface ServerProblem {
  detail?: string;
  path?: string;
  pointer?: string;
}

/** Messages of the server by the field they name; the rest under "". */
export function errorsByField(problems: ServerProblem[], names: string[]): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  for (const problem of problems) {
    const name = fieldNamed(problem, names);
    const text = problem.detail ?? "";
    errors[name] = [...(errors[name] ?? []), name === "" ? text : withoutName(text)];
  }
  return errors;
}

function fieldNamed(problem: ServerProblem, names: string[]): string {
  const told = [problem.path, problem.pointer?.split("/").at(-1)];
  const found = NAMED.map((pattern) => pattern.exec(problem.detail ?? "")?.[1]);
  return [...told, ...found].find((name): name is string => name !== undefined && names.includes(name)) ?? "";
}

/** Below its field a message needs no name: "Must match the pattern `[a-z]+`". */
export function withoutName(message: string): string {
  const cause = /Cause:\s*(.+)$/s.exec(message)?.[1] ?? message;
  if (/missing required input/i.test(cause)) return "Is required";
  const said = cause.replace(/^it must/i, "Must").trim();
  return said.charAt(0).toUpperCase() + said.slice(1);
}
