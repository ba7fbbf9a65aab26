// One filter: pressed, it opens its editor; what is typed there holds when the editor closes.
import { X } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { type Field, fieldOf, operatorWord } from "../../model/fields";
import { type Filter, valuesOf } from "../../model/filters";
import { isStateName, wordOf } from "../../model/states";
import { StateGlyph } from "../state/StateGlyph";
import { FilterEditor } from "./FilterEditor";
import "./filter.css";

interface FilterChipProps {
  filter: Filter;
  fields: Field[];
  open?: boolean;
  onChange: (filter: Filter) => void;
  onRemove: () => void;
}

export function FilterChip({ filter, open = false, onChange, onRemove }: FilterChipProps) {
  const [isOpen, setOpen] = useState(open);
  const [edited, setEdited] = useState(filter);
  const field = fieldOf(filter.field);
  const shown = isOpen ? edited : filter;
  const toggle = (next: boolean) => {
    setOpen(next);
    if (next) setEdited(filter);
    else if (open || edited !== filter) onChange(edited);
  };
  return (
    <Popover.Root open={isOpen} onOpenChange={toggle}>
      <span className="chip" data-grouped={filter.group !== undefined || undefined}>
        <Popover.Trigger asChild>
          <button type="button" className="chip-body">
            <span className="muted">{field.word}</span>
            <span className="subtle">{operatorWord(field, shown.operator)}</span>
            <FilterValue field={field} filter={shown} />
          </button>
        </Popover.Trigger>
        <button
          type="button"
          className="chip-close"
          aria-label={`Remove the filter on ${field.word}`}
          onClick={onRemove}
        >
          <X className="icon-small" aria-hidden />
        </button>
      </span>
      <Popover.Portal>
        <Popover.Content className="filter-editor" align="start" sideOffset={4} aria-label={`Filter on ${field.word}`}>
          <FilterEditor field={field} filter={edited} onChange={setEdited} onDone={() => toggle(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const MOST_GLYPHS = 3;

function FilterValue({ field, filter }: { field: Field; filter: Filter }) {
  const values = valuesOf(filter);
  if (field.kind !== "state") return <span>{filter.key ? `${filter.key}: ${filter.value}` : filter.value || "…"}</span>;
  const states = values.filter(isStateName);
  const more = states.length - MOST_GLYPHS;
  return (
    <>
      {states.slice(0, MOST_GLYPHS).map((state) => (
        <StateGlyph key={state} state={state} />
      ))}
      <span>{states.slice(0, MOST_GLYPHS).map(wordOf).join(", ") || "…"}</span>
      {more > 0 && <span className="subtle">+{more}</span>}
    </>
  );
}
