// Checking and sending the inputs of a new execution or of one that waits.

import type { ValidatedInputs } from "../model/inputs";
import { sendParts } from "./parts";
import type { Execution } from "./types";

export interface Target {
  tenant: string;
  namespace: string;
  flowId: string;
}

export interface StartOptions {
  labels: string[];
  scheduleDate?: string;
}

const flowPath = ({ tenant, namespace, flowId }: Target) =>
  `/api/v1/${tenant}/executions/${encodeURIComponent(namespace)}/${encodeURIComponent(flowId)}`;

function queryOf(options: StartOptions): string {
  const query = new URLSearchParams(options.labels.map((label) => ["labels", label]));
  if (options.scheduleDate) query.set("scheduleDate", options.scheduleDate);
  return query.size ? `?${query}` : "";
}

export const validateStart = (target: Target, parts: FormData): Promise<ValidatedInputs> =>
  sendParts(`${flowPath(target)}/validate`, parts);

export const startExecution = (
  target: Target,
  options: StartOptions,
  parts: FormData,
  onProgress: (share: number) => void,
): Promise<Execution> => sendParts(flowPath(target) + queryOf(options), parts, onProgress);

export const validateResume = (tenant: string, executionId: string, parts: FormData): Promise<ValidatedInputs> =>
  sendParts(`/api/v1/${tenant}/executions/${executionId}/actions/resume/validate`, parts);
