// Keys of a page: the bindings hold while the component is there. Nothing acts while a dialog or menu is open.
import { useEffect, useEffectEvent, useRef } from "react";
import { nameOfPress, startsSequence } from "../model/keys";

export type Bindings = Record<string, () => void>;

const SEQUENCE_LASTS = 1000;
const FLOATING = '[role="dialog"],[role="alertdialog"],[role="menu"],[role="listbox"]';
const FIELDS = "input, textarea, select, [contenteditable]";

export function useKeys(bindings: Bindings): void {
  const pending = useRef<{ key: string; until: number }>(undefined);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
    const first = pending.current && pending.current.until > performance.now() ? pending.current.key : undefined;
    const name = nameOf(event, first);
    pending.current =
      name !== undefined && startsSequence(name) ? { key: name, until: performance.now() + SEQUENCE_LASTS } : undefined;
    const deed = bindings[name ?? ""];
    if (!deed || event.defaultPrevented || document.querySelector(FLOATING)) return;
    event.preventDefault();
    deed();
  });
  useEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function nameOf(event: KeyboardEvent, pending: string | undefined): string | undefined {
  const inField = event.target instanceof HTMLElement && event.target.matches(FIELDS);
  const ctrl = event.ctrlKey || event.metaKey;
  return nameOfPress({ key: event.key, ctrl, alt: event.altKey, inField }, pending);
}
