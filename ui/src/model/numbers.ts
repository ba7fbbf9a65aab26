// Counts and sizes as text.
const THOUSANDS = new Intl.NumberFormat("en-GB");

export const formatCount = (count: number): string => THOUSANDS.format(count);

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let size = bytes / 1000;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.floor(size)} ${units[unit]}`;
}

/** The value below which `share` of the sorted figures lie (nearest rank). */
export function percentile(figures: number[], share: number): number | undefined {
  if (figures.length === 0) return undefined;
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
