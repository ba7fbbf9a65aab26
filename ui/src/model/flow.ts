// What the author of a flow wrote, as far as the UI reads it. The API answers it as it was written, whatever its type, so
// no document describes it; the language does.
export interface FlowInput {
  id: string;
  type: string;
  displayName?: string;
  description?: string;
  required?: boolean;
  defaults?: unknown;
  prefill?: unknown;
  min?: unknown;
  max?: unknown;
  after?: string;
  before?: string;
  values?: unknown[];
  options?: unknown[];
  itemType?: string;
  allowCustomValue?: boolean;
  isRadio?: boolean;
  accept?: string[];
  allowedFileExtensions?: string[];
  inputs?: FlowInput[];
}

/** A task or a trigger: an id, a type, and what the type takes. */
export interface Authored {
  id: string;
  type: string;
  [property: string]: unknown;
}

export interface AuthoredFlow {
  description?: string;
  labels?: unknown;
  inputs?: FlowInput[];
  tasks?: Authored[];
  triggers?: Authored[];
  concurrency?: { limit?: number; behavior?: string };
  updated?: string;
  /** Why a stored source cannot be read any more. */
  exception?: string;
}

/** The task of this id, wherever it lies: flowables hold tasks under names of their own. */
export function findTask(part: unknown, id: string): Authored | undefined {
  if (Array.isArray(part)) return firstOf(part, id);
  if (part === null || typeof part !== "object") return undefined;
  const candidate = part as Authored;
  if (candidate.id === id && typeof candidate.type === "string") return candidate;
  return firstOf(Object.values(part), id);
}

function firstOf(parts: unknown[], id: string): Authored | undefined {
  for (const part of parts) {
    const found = findTask(part, id);
    if (found) return found;
  }
  return undefined;
}

/** What a pause asks for when it is resumed. */
export function resumeInputs(flow: AuthoredFlow, taskId: string): FlowInput[] {
  const pause = findTask({ ...flow, inputs: undefined, triggers: undefined, id: undefined }, taskId);
  return (pause?.onResume as FlowInput[] | undefined) ?? [];
}
