// The filters of a list as chips `field operator value ×`; each part can be edited in place, `F` adds one.
import { Plus } from "lucide-react";
import { useState } from "react";
import type { Field } from "../../model/fields";
import { type Filter, nameOf, parseFilters, putFilter, type Search, withFilters } from "../../model/filters";
import { Button } from "../controls/Button";
import { Menu, MenuItem } from "../controls/Menu";
import { useKeys } from "../useKeys";
import { useSearchParams } from "../useSearchParams";
import { FilterChip } from "./FilterChip";

interface FilterBarProps {
  fields: Field[];
  start: (field: Field) => Filter;
}

export function FilterBar({ fields, start }: FilterBarProps) {
  const { search, set } = useSearchParams();
  const [draft, setDraft] = useState<Filter>();
  const [choosing, setChoosing] = useState(false);
  const filters = parseFilters(search);
  const write = (next: Filter[]) => set(withFilters(search, next) as Search);
  const keep = (before: Filter | undefined, after: Filter) => {
    setDraft(undefined);
    const rest = before ? filters.filter((filter) => nameOf(filter) !== nameOf(before)) : filters;
    write(after.value === "" ? rest : before ? replaced(filters, before, after) : putFilter(rest, after));
  };
  useKeys({ f: () => setChoosing(true) });
  return (
    <>
      {filters.map((filter) => (
        <FilterChip
          key={nameOf(filter)}
          filter={filter}
          fields={fields}
          onChange={(after) => keep(filter, after)}
          onRemove={() => write(filters.filter((other) => nameOf(other) !== nameOf(filter)))}
        />
      ))}
      {draft && (
        <FilterChip
          key="draft"
          filter={draft}
          fields={fields}
          open
          onChange={(after) => keep(undefined, after)}
          onRemove={() => setDraft(undefined)}
        />
      )}
      <Menu
        open={choosing}
        onOpenChange={setChoosing}
        handsFocusOn={draft !== undefined}
        trigger={
          <Button tone="quiet" size="small" icon={<Plus aria-hidden />} shortcut="F">
            Filter
          </Button>
        }
      >
        {fields.map((field) => (
          <MenuItem key={field.name} onSelect={() => setDraft(start(field))}>
            {field.word}
          </MenuItem>
        ))}
      </Menu>
      {filters.length > 1 && (
        <Button tone="quiet" size="small" onClick={() => write([])}>
          Clear
        </Button>
      )}
    </>
  );
}

const replaced = (filters: Filter[], before: Filter, after: Filter): Filter[] =>
  filters.map((filter) => (nameOf(filter) === nameOf(before) ? after : filter));
