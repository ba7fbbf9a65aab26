// A menu on a button: items with an icon and, at the right, the key that does the same.
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { Kbd } from "./Kbd";
import "./controls.css";

interface MenuProps {
  trigger: ReactNode;
  children: ReactNode;
  side?: "top" | "bottom";
  align?: "start" | "end";
}

export function Menu({ trigger, children, side = "bottom", align = "start" }: MenuProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" side={side} align={align} sideOffset={4}>
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
          <DropdownMenu.RadioItem key={choice.value} className="menu-item" value={choice.value} onSelect={(event) => event.preventDefault()}>
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
