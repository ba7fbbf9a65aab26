// The height of a row in pixels, for lists that place their rows themselves; the same figures as in tokens.css.
import { type Density, usePreferences } from "./preferences";

const HEIGHTS: Record<Density, number> = { compact: 28, regular: 34, relaxed: 42 };

export const useRowHeight = (): number => HEIGHTS[usePreferences().density];
