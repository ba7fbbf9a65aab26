// The log of an execution: read whole once it has ended, followed line by line while it lasts.
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { bodyOf, client } from "./client";
import { openStream } from "./stream";
import type { LogEntry } from "./types";

export const logKey = (tenant: string, executionId: string) => ["log", tenant, executionId];

export const log = (tenant: string, executionId: string) =>
  queryOptions({
    queryKey: logKey(tenant, executionId),
    queryFn: () =>
      bodyOf(client.GET("/api/v1/{tenant}/logs/{executionId}", { params: { path: { tenant, executionId } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });

const BATCH = 250;

/** Writes what the stream sends into the query cache, some times a second; a stream that begins anew begins the log anew. */
export function followLog(
  queries: QueryClient,
  tenant: string,
  executionId: string,
  onTrouble: () => void,
): () => void {
  const key = logKey(tenant, executionId);
  let waiting: LogEntry[] = [];
  let anew = true;
  const write = () => {
    if (waiting.length === 0) return;
    const [lines, fresh] = [waiting, anew];
    [waiting, anew] = [[], false];
    queries.setQueryData<LogEntry[]>(key, (before = []) => joined(fresh ? [] : before, lines));
  };
  const timer = window.setInterval(write, BATCH);
  const close = openStream<LogEntry>(`/api/v1/${tenant}/logs/${executionId}/follow`, {
    onStart: () => {
      waiting = [];
      anew = true;
    },
    onProgress: (entry) => waiting.push(entry),
    onEnd: () => {
      write();
      void queries.invalidateQueries({ queryKey: key });
    },
    onTrouble,
  });
  return () => {
    window.clearInterval(timer);
    write();
    close();
  };
}

/** A server may send an entry again to one who attaches late; the second copy is dropped. */
function joined(before: LogEntry[], lines: LogEntry[]): LogEntry[] {
  const known = new Set(before.slice(-1000).map(identity));
  return [...before, ...lines.filter((line) => !known.has(identity(line)) && known.add(identity(line)))];
}

const identity = (entry: LogEntry): string =>
  `${entry.taskRunId} ${entry.attemptNumber} ${entry.timestamp.slice(0, 26)} ${entry.message}`;
