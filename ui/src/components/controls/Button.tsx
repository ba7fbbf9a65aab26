// Buttons: one filled ("primary") a page, the rest outlined or quiet; the key that does the same stands inside.
import { type ComponentProps, forwardRef, type ReactNode } from "react";
import { Kbd } from "./Kbd";
import "./controls.css";

export interface ButtonProps extends ComponentProps<"button"> {
  tone?: "primary" | "quiet" | "danger" | "destructive";
  size?: "small" | "large";
  icon?: ReactNode;
  shortcut?: string;
  on?: boolean;
}

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { tone, size, icon, shortcut, on, children, className = "", ...rest },
  ref,
) {
  return (
    <button
      ref={ref}
      type="button"
      className={`button ${className}`}
      data-tone={tone}
      data-size={size}
      data-on={on || undefined}
      aria-pressed={on}
      {...rest}
    >
      {icon}
      {children !== undefined && <span className="button-word">{children}</span>}
      {shortcut && <Kbd>{shortcut}</Kbd>}
    </button>
  );
});
