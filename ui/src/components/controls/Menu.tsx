// A menu on a button: items with an icon and, at the right, the key that does the same.
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { Kbd } from "./Kbd";
import "./controls.css";

interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  side?: "top" | "bottom";
  /** Given where something else than a press on the trigger opens it, too. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** What a chosen item opens takes the focus; else it goes back to the trigger. */
  handsFocusOn?: boolean;
}

export function Menu({ trigger, children, side = "bottom", open, onOpenChange, handsFocusOn }: MenuProps) {
  return (
    <DropdownMenu.Root open={open} onOpenChange={onOpenChange}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          className="menu"
          side={side}
          align="start"
          sideOffset={4}
          onCloseAutoFocus={(event) => handsFocusOn && event.preventDefault()}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface ItemProps {
  children: ReactNode;
  icon?: ReactNode;
  shortcut?: string;
  onSelect: () => void;
}

export function MenuItem({ children, icon, shortcut, onSelect }: ItemProps) {
  return (
    <DropdownMenu.Item className="menu-item" onSelect={onSelect}>
      {icon}
      {children}
      {shortcut && <Kbd>{shortcut}</Kbd>}
    </DropdownMenu.Item>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  choices: { value: string; word: string }[];
  onChange: (value: string) => void;
}

export function MenuChoice({ label, value, choices, onChange }: ChoiceProps) {
  return (
    <>
      <DropdownMenu.Label className="menu-label">{label}</DropdownMenu.Label>
      <DropdownMenu.RadioGroup value={value} onValueChange={onChange}>
        {choices.map((choice) => (
          <DropdownMenu.RadioItem
            key={choice.value}
            className="menu-item"
            value={choice.value}
            onSelect={(event) => event.preventDefault()}
          >
            <span className="menu-mark">
              <DropdownMenu.ItemIndicator>✓</DropdownMenu.ItemIndicator>
            </span>
            {choice.word}
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </>
  );
}

export const MenuLine = () => <DropdownMenu.Separator className="menu-line" />;
