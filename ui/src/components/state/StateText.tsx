// The state in a row: quiet states in grey, the others in their colour.
import type { StateName } from "../../api/types";
import { isQuiet, tokenOf, wordOf } from "../../model/states";
import { StateGlyph } from "./StateGlyph";

export function StateText({ state }: { state: StateName }) {
  return (
    <span className={`state-text s-${tokenOf(state)}`} data-quiet={isQuiet(state) || undefined} data-state={state}>
      <StateGlyph state={state} />
      {wordOf(state)}
    </span>
  );
}
