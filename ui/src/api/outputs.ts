// Outputs of task runs, and the files behind them.
import { queryOptions } from "@tanstack/react-query";
import { bodyOf, client } from "./client";

const PREVIEW_ROWS = 100;

export const outputIndex = (tenant: string, executionId: string, version: number) =>
  queryOptions({
    queryKey: ["outputs", tenant, executionId, version],
    queryFn: () =>
      bodyOf(client.GET("/api/v1/{tenant}/outputs/{executionId}", { params: { path: { tenant, executionId } } })),
    placeholderData: (before) => before,
  });

export const outputsOf = (tenant: string, executionId: string, taskRunId: string) =>
  queryOptions({
    queryKey: ["outputs", tenant, executionId, "run", taskRunId],
    queryFn: () =>
      bodyOf(
        client.GET("/api/v1/{tenant}/outputs/{executionId}/{taskRunId}", {
          params: { path: { tenant, executionId, taskRunId } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

export const fileMetas = (tenant: string, executionId: string, path: string) =>
  queryOptions({
    queryKey: ["file", executionId, path, "metas"],
    queryFn: () =>
      bodyOf(
        client.GET("/api/v1/{tenant}/executions/{executionId}/file/metas", {
          params: { path: { tenant, executionId }, query: { path } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export const filePreview = (tenant: string, executionId: string, path: string) =>
  queryOptions({
    queryKey: ["file", executionId, path, "preview"],
    queryFn: () =>
      bodyOf(
        client.GET("/api/v1/{tenant}/executions/{executionId}/file/preview", {
          params: { path: { tenant, executionId }, query: { path, maxRows: PREVIEW_ROWS } },
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export const fileAddress = (tenant: string, executionId: string, path: string): string =>
  `/api/v1/${tenant}/executions/${executionId}/file?path=${encodeURIComponent(path)}`;

export const logAddress = (tenant: string, executionId: string): string =>
  `/api/v1/${tenant}/logs/${executionId}/download`;
