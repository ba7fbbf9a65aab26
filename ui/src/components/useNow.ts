// The server's time, ticking while something runs.
import { useEffect, useState } from "react";
import { serverNow } from "../api/clock";

export function useNow(ticking: boolean, every = 1000): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!ticking) return;
    setNow(serverNow());
    const timer = window.setInterval(() => setNow(serverNow()), every);
    return () => window.clearInterval(timer);
  }, [ticking, every]);
  return now;
}
