// The query part of an address as a flat map of texts, readable as it is: brackets, colons and commas stay themselves.
import type { Search } from "./filters";

export function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

export function writeSearch(search: Record<string, unknown>): string {
  const parts = Object.entries(search)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  return parts.length ? `?${parts.join("&")}` : "";
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/%(5B|5D|3A|2C|2F)/g, (code) => decodeURIComponent(code));
