// The one way to the API: typed requests, the CSRF token on writes, problems thrown, 401 told to whoever listens.
import createClient, { type Middleware } from "openapi-fetch";
import type { Search } from "../model/filters";
import { writeSearch } from "../model/search";
import { learnFrom } from "./clock";
import { problemOf, Unreachable } from "./problem";
import type { paths } from "./schema";
import type { Told } from "./types";

type Listener = () => void;
const listeners = new Set<Listener>();

/** Calls `listener` when the server wants a sign-in; returns how to stop that. */
export function onSignedOut(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function tellSignedOut(): void {
  for (const listener of listeners) listener();
}

/** Headers each write of ours carries. */
export function ownHeaders(): Record<string, string> {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content;
  return token ? { "X-CSRF-TOKEN": token } : {};
}

const middleware: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(ownHeaders())) request.headers.set(name, value);
    return request;
  },
  async onResponse({ response, schemaPath }) {
    learnFrom(response.headers);
    if (response.ok) return response;
    if (response.status === 401 && schemaPath !== "/api/v1/login") tellSignedOut();
    throw problemOf(response.status, readBody(await response.text()));
  },
  onError({ error }) {
    return new Unreachable(error);
  },
};

export function readBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export const client = createClient<paths>({ baseUrl: window.location.origin, credentials: "same-origin" });
client.use(middleware);

/** The body of an answer; failures have been thrown before. */
export async function bodyOf<Body>(answer: Promise<{ data?: Body }>): Promise<Told<Body>> {
  return (await answer).data as Told<Body>;
}

/** Writes a query with filters in it, as the filters' own grammar wants it. */
export const withSearch = (search: Search) => (query: Record<string, unknown>) =>
  writeSearch({ ...query, ...search }).slice(1);
