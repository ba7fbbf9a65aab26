// The search of a page: `/` goes there, Escape empties it. What is typed lives in the address, so it is written there.
import { Search } from "lucide-react";
import type { KeyboardEvent, ReactNode, RefObject } from "react";
import { Kbd } from "./Kbd";
import "./controls.css";

interface SearchFieldProps {
  field: RefObject<HTMLInputElement | null>;
  label: string;
  value: string;
  onChange: (text: string) => void;
  onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
  width?: number;
  children?: ReactNode;
}

export function SearchField({ field, label, value, onChange, onKeyDown, width, children }: SearchFieldProps) {
  return (
    <div className="input search-field" style={{ width }}>
      <Search className="icon-small subtle" aria-hidden />
      <input
        ref={field}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {children ?? (value === "" && <Kbd>/</Kbd>)}
    </div>
  );
}
