// How this reader wants the UI to look: kept in the browser, written to `<html>`, told to whoever shows it.
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark" | "system";
export type Density = "compact" | "regular" | "relaxed";

export interface Preferences {
  theme: Theme;
  density: Density;
  navigationFolded: boolean;
}

const STORED = "tiercel.preferences";
const DEFAULTS: Preferences = { theme: "system", density: "compact", navigationFolded: false };

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(STORED) ?? "{}") };
  } catch {
    return DEFAULTS;
  }
}

let current = read();
const listeners = new Set<() => void>();

/** Sets the attributes that tokens.css and base.css look at; "system" leaves the choice to the browser. */
export function applyPreferences(): void {
  const { dataset } = document.documentElement;
  if (current.theme === "system") delete dataset.theme;
  else dataset.theme = current.theme;
  dataset.density = current.density;
}

export function changePreferences(change: Partial<Preferences>): void {
  current = { ...current, ...change };
  localStorage.setItem(STORED, JSON.stringify(current));
  applyPreferences();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, () => current);
