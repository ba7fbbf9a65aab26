// Which deed a key press asks for. Letters count only when no field has the focus; `G` waits for a second key.
export interface Press {
  key: string;
  ctrl: boolean;
  alt: boolean;
  inField: boolean;
}

/** The name of a press as bindings write it: `g f`, `Ctrl k`, `[`, `Escape`; undefined when it belongs to a field. */
export function nameOfPress(press: Press, pending: string | undefined): string | undefined {
  if (press.alt) return undefined;
  if (press.ctrl) return `Ctrl ${press.key.toLowerCase()}`;
  if (press.key === "Escape") return "Escape";
  if (press.inField) return undefined;
  return pending === undefined ? press.key : `${pending} ${press.key}`;
}

/** Keys that open a sequence. */
export const startsSequence = (name: string): boolean => name === "g";
