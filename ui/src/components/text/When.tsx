// A moment in short form; whole, and in UTC, in the hint.
import { formatAge, formatExactly, formatMoment } from "../../model/moments";
import { useNow } from "../useNow";

interface WhenProps {
  at: string | null | undefined;
  relative?: boolean;
}

const HALF_A_MINUTE = 30_000;

export function When({ at, relative = false }: WhenProps) {
  const now = useNow(relative, HALF_A_MINUTE);
  if (!at) return "–";
  const instant = new Date(at).getTime();
  return (
    <time dateTime={at} title={formatExactly(instant)}>
      {relative ? formatAge(instant, now) : formatMoment(instant, now)}
    </time>
  );
}
