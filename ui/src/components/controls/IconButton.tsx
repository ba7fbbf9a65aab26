// A button of one of the known seven icons: no word, so it carries a tooltip and an accessible name.
import { Tooltip } from "radix-ui";
import { forwardRef, type ReactNode } from "react";
import { Button, type ButtonProps } from "./Button";

interface IconButtonProps extends Omit<ButtonProps, "children" | "icon"> {
  label: string;
  children: ReactNode;
}

export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { label, children, shortcut, ...rest },
  ref,
) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>
        <Button ref={ref} tone="quiet" aria-label={label} className="icon-button" icon={children} {...rest} />
      </Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" sideOffset={4}>
          {label}
          {shortcut && <span className="tooltip-key">{shortcut}</span>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
});
