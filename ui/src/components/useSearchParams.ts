// The query part of the address: read as a flat map, changed by replacing or by a new entry in the history.
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Search } from "../model/filters";

export type Change = Record<string, string | undefined>;

export interface SearchParams {
  search: Search;
  /** Typing, folding, brushing: no new entry in the history. */
  replace: (change: Change) => void;
  /** A selection: Back undoes it. */
  push: (change: Change) => void;
  set: (search: Search) => void;
}

export function useSearchParams(): SearchParams {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const go = (next: (before: Search) => Search, replace: boolean) =>
    void navigate({ to: ".", search: ((before: Search) => clean(next(before))) as never, replace });
  return {
    search,
    replace: (change) => go((before) => merged(before, change), true),
    push: (change) => go((before) => merged(before, change), false),
    set: (next) => go(() => next, true),
  };
}

const merged = (before: Search, change: Change): Search => ({ ...before, ...change }) as Search;

const clean = (search: Search): Search =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined && value !== ""));
