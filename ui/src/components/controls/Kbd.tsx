import type { ReactNode } from "react";
import "./controls.css";

export const Kbd = ({ children }: { children: ReactNode }) => <kbd className="kbd">{children}</kbd>;
