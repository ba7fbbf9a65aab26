// The server's clock as far as this page knows it, so that what runs is measured by the clock that dated it.
let offset = 0;

/** Learns from the `Date` header of an answer; half a second stands for what the header cuts off. */
export function learnFrom(headers: Headers): void {
  const date = headers.get("date");
  const told = date === null ? Number.NaN : new Date(date).getTime() + 500;
  // Small differences are the header's own grain: following them would make running durations jump.
  if (!Number.isNaN(told) && Math.abs(told - serverNow()) > 2000) offset = told - Date.now();
}

export const serverNow = (): number => Date.now() + offset;
