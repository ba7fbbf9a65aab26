// What a dialog with a form needs: the first field has the focus, Ctrl Enter sends it from everywhere inside.
import { type KeyboardEvent, type RefObject, useEffect, useRef } from "react";

const FIRST = "input:not([type=file]), textarea, [role=combobox], [role=switch], [role=radio], button[type=submit]";

/** For the form: to be given as its `ref`. */
export function useFirstFocus(): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>(FIRST)?.focus(), []);
  return form;
}

/** For the dialog: to be given as its `onKeyDown`. */
export function sendOnCtrlEnter(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.currentTarget.querySelector("form")?.requestSubmit();
}
