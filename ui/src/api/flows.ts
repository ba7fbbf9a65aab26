// Flows, their triggers and namespaces as queries.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import type { Search } from "../model/filters";
import { bodyOf, client, withSearch } from "./client";
import type { Flow } from "./types";

const FLOWS_A_PAGE = 200;

export const flowPages = (tenant: string, filters: Search) =>
  infiniteQueryOptions({
    queryKey: ["flows", tenant, filters],
    queryFn: ({ pageParam }) =>
      bodyOf(
        client.GET("/api/v1/{tenant}/flows/search", {
          params: { path: { tenant } },
          querySerializer: () => withSearch(filters)({ page: pageParam, size: FLOWS_A_PAGE, sort: "namespace:asc" }),
        }),
      ),
    initialPageParam: 1,
    getNextPageParam: (last, pages, page) => (pages.length * FLOWS_A_PAGE < last.total ? page + 1 : undefined),
    placeholderData: (before) => before,
  });

export const flow = (tenant: string, namespace: string, id: string, revision?: number) =>
  queryOptions({
    queryKey: ["flow", tenant, namespace, id, revision],
    queryFn: (): Promise<Flow> =>
      bodyOf(
        client.GET("/api/v1/{tenant}/flows/{namespace}/{id}", {
          params: { path: { tenant, namespace, id }, query: { source: true, revision } },
        }),
      ),
  });

export const triggersOf = (tenant: string, namespace: string, flowId: string) =>
  queryOptions({
    queryKey: ["triggers", tenant, namespace, flowId],
    queryFn: () =>
      bodyOf(
        client.GET("/api/v1/{tenant}/triggers/{namespace}/{flowId}", {
          params: { path: { tenant, namespace, flowId }, query: { size: 100 } },
        }),
      ),
    refetchInterval: 15_000,
  });

export const namespaces = (tenant: string) =>
  queryOptions({
    queryKey: ["namespaces", tenant],
    queryFn: () => bodyOf(client.GET("/api/v1/{tenant}/flows/distinct-namespaces", { params: { path: { tenant } } })),
    staleTime: 60_000,
  });

/** The state of every trigger in scope, for the column of what comes next. */
export const triggerStates = (tenant: string, filters: Search) =>
  queryOptions({
    queryKey: ["triggers", tenant, filters],
    queryFn: () =>
      bodyOf(
        client.GET("/api/v1/{tenant}/triggers/search", {
          params: { path: { tenant } },
          querySerializer: () => withSearch(filters)({ page: 1, size: 500 }),
        }),
      ),
    refetchInterval: 30_000,
    retry: false,
  });
