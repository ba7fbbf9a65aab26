// The scope is a prefix: it obeys dots, so `company` holds `company.sales` but not `companies`.
import type { Search } from "./filters";

/** All namespaces and the parents they lie in, in order. */
export function withParents(namespaces: string[]): string[] {
  const all = namespaces.flatMap((namespace) => {
    const parts = namespace.split(".");
    return parts.map((_, index) => parts.slice(0, index + 1).join("."));
  });
  return [...new Set(all)].sort((a, b) => a.localeCompare(b));
}

export const scopeFilter = (scope: string | undefined): Search =>
  scope ? { "filters[namespace][PREFIX]": scope } : {};
