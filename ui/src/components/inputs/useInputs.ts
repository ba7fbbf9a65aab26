// The state of a form of inputs: what was filled in, what the server says about it, and which of that may be shown yet.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ApiProblem } from "../../api/problem";
import type { FlowInput } from "../../model/flow";
import type { ValidatedInput, ValidatedInputs } from "../../model/inputs";
import { errorsByField, type FieldValue, type FieldValues, fieldsOf, toParts, withoutName } from "../../model/inputs";

/** So long after the last key the server is asked again. */
const PAUSE = 250;

export interface InputState {
  values: FieldValues;
  validated: Map<string, ValidatedInput>;
  errors: Record<string, string[]>;
  checks: NonNullable<ValidatedInputs["checks"]>;
  /** Names of the fields that need a look. */
  wrong: string[];
  change: (name: string, value: FieldValue) => void;
  leave: (name: string) => void;
  /** From now on every error is shown, and those of a refused request beside them. */
  refuse: (error: unknown) => void;
  showAll: () => void;
}

export function useInputs(
  inputs: FlowInput[],
  initial: FieldValues,
  validate: (parts: FormData) => Promise<ValidatedInputs>,
  key: string,
): InputState {
  const [values, setValues] = useState(initial);
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set(Object.keys(initial)));
  const [refused, setRefused] = useState<Record<string, string[]>>({});
  const settled = useSettled(values);
  const names = fieldsOf(inputs).map((field) => field.name);
  const checked = useQuery({
    queryKey: ["inputs", key, describe(settled)],
    queryFn: () => validate(toParts(inputs, settled, "without files")),
    placeholderData: (before) => before,
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const validated = new Map((checked.data?.inputs ?? []).map((found) => [found.input.id, found]));
  const shown = (name: string): string[] => {
    const fromServer = seen.has(name) && !(values[name] instanceof File) ? (validated.get(name)?.errors ?? []) : [];
    return [...new Set([...fromServer.map((error) => withoutName(error.message)), ...(refused[name] ?? [])])];
  };
  const errors: Record<string, string[]> = Object.fromEntries(names.map((name) => [name, shown(name)]));
  errors[""] = refused[""] ?? [];
  const showAll = () => setSeen(new Set(names));
  return {
    values,
    validated,
    errors,
    checks: checked.data?.checks ?? [],
    wrong: names.filter((name) => (errors[name]?.length ?? 0) > 0),
    change: (name, value) => {
      setValues((before) => ({ ...before, [name]: value }));
      setRefused((before) => ({ ...before, [name]: [], "": [] }));
    },
    leave: (name) => setSeen((before) => (values[name] === undefined ? before : new Set([...before, name]))),
    refuse: (error) => {
      showAll();
      setRefused(
        error instanceof ApiProblem ? errorsByField(error.errors, names) : { "": [String((error as Error).message)] },
      );
    },
    showAll,
  };
}

function useSettled(values: FieldValues): FieldValues {
  const [settled, setSettled] = useState(values);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(values), PAUSE);
    return () => window.clearTimeout(timer);
  }, [values]);
  return settled;
}

/** Values as a text that changes when they do; files count by name and size. */
const describe = (values: FieldValues): string =>
  JSON.stringify(values, (_, value) => (value instanceof File ? `${value.name} ${value.size}` : value));
