// Whether what is seen is what is: "Live, last event 1 s ago", "Reconnecting", "Stopped 12 s ago".
import { useNow } from "../../components/useNow";
import { formatClock } from "../../model/moments";
import type { Following } from "./useFollow";

export function LiveState({ following }: { following: Following }) {
  const now = useNow(following !== undefined);
  if (!following) return null;
  const ago = Math.max(0, Math.floor((now - following.heard) / 1000));
  const words = {
    live: ago < 2 ? "Live" : `Live, last event ${ago} s ago`,
    lost: "Reconnecting",
    closed: `Stopped ${ago} s ago. What you see is from ${formatClock(following.heard)}.`,
  };
  return (
    <>
      <span className="live-dot" data-state={following.state === "live" ? undefined : "waiting"} />
      <span role="status">{words[following.state]}</span>
    </>
  );
}
