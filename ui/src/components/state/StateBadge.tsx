// The state in a header: glyph and word on the soft ground of the state.
import type { StateName } from "../../api/types";
import { tokenOf, wordOf } from "../../model/states";
import { StateGlyph } from "./StateGlyph";

export function StateBadge({ state }: { state: StateName }) {
  return (
    <span className={`badge s-${tokenOf(state)}`} data-state={state}>
      <StateGlyph state={state} />
      {wordOf(state)}
    </span>
  );
}
