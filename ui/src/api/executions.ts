// Executions as queries and deeds. Lists are anchored at a moment: what began later is counted, not mixed in, so that no
// page shifts while somebody reads it.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Search } from "../model/filters";
import { bodyOf, client, withSearch } from "./client";
import { sendParts } from "./parts";

const ROWS_A_PAGE = 50;
const NEWEST_FIRST = "state.startDate:desc";
const AFTER = "filters[startDate][GREATER_THAN]";
const UNTIL = "filters[startDate][LESS_THAN_OR_EQUAL_TO]";

interface Page {
  page: number;
  size: number;
  sort: string;
}

function search(tenant: string, filters: Search, page: Page) {
  return bodyOf(
    client.GET("/api/v1/{tenant}/executions/search", {
      params: { path: { tenant } },
      querySerializer: () => withSearch(filters)({ ...page }),
    }),
  );
}

export const executionPages = (tenant: string, filters: Search, anchor: string) =>
  infiniteQueryOptions({
    queryKey: ["executions", tenant, filters, anchor],
    queryFn: ({ pageParam }) =>
      search(tenant, { [UNTIL]: anchor, ...filters }, { page: pageParam, size: ROWS_A_PAGE, sort: NEWEST_FIRST }),
    initialPageParam: 1,
    getNextPageParam: (last, pages, page) => (pages.length * ROWS_A_PAGE < last.total ? page + 1 : undefined),
    placeholderData: (before) => before,
    refetchInterval: 5_000,
  });

/** How many began after the anchor, and the newest of them. */
export const newerThan = (tenant: string, filters: Search, anchor: string) =>
  queryOptions({
    queryKey: ["executions", tenant, filters, "newer", anchor],
    queryFn: () => search(tenant, { ...filters, [AFTER]: anchor }, { page: 1, size: 1, sort: NEWEST_FIRST }),
    refetchInterval: 2_500,
    staleTime: 0,
    enabled: !(UNTIL in filters) && !(AFTER in filters),
  });

/** The newest executions of some filters, in one page. */
export const latestExecutions = (tenant: string, filters: Search, size: number) =>
  queryOptions({
    queryKey: ["executions", tenant, filters, "latest", size],
    queryFn: () => search(tenant, filters, { page: 1, size, sort: NEWEST_FIRST }),
    refetchInterval: 5_000,
    placeholderData: (before) => before,
  });

export const countOf = (tenant: string, filters: Search) =>
  queryOptions({
    queryKey: ["executions", tenant, filters, "count"],
    queryFn: () => search(tenant, filters, { page: 1, size: 1, sort: NEWEST_FIRST }),
    refetchInterval: 10_000,
    select: (page) => page.total,
  });

export const executionKey = (tenant: string, id: string) => ["execution", tenant, id];

export const execution = (tenant: string, executionId: string) =>
  queryOptions({
    queryKey: executionKey(tenant, executionId),
    queryFn: () =>
      bodyOf(client.GET("/api/v1/{tenant}/executions/{executionId}", { params: { path: { tenant, executionId } } })),
    retry: false,
  });

export const killExecution = (tenant: string, executionId: string): Promise<unknown> =>
  bodyOf(
    client.DELETE("/api/v1/{tenant}/executions/{executionId}/actions/kill", {
      params: { path: { tenant, executionId } },
    }),
  );

export const resumeExecution = (tenant: string, executionId: string, parts: FormData): Promise<unknown> =>
  sendParts(`/api/v1/${tenant}/executions/${executionId}/actions/resume`, parts);
