// Server-sent events: the kind of a frame stands in its `id`, the data is JSON, `end` closes.
export interface StreamHandlers<Data> {
  onStart?: () => void;
  onProgress: (data: Data) => void;
  onEnd?: (data: Data) => void;
  /** "lost" while the browser tries again by itself, "closed" when it gave up. */
  onTrouble: (trouble: "lost" | "closed") => void;
}

/** Opens a stream and returns how to close it. */
export function openStream<Data>(address: string, handlers: StreamHandlers<Data>): () => void {
  const source = new EventSource(address, { withCredentials: true });
  source.onopen = () => handlers.onStart?.();
  source.onmessage = (event: MessageEvent<string>) => {
    if (event.lastEventId === "progress") handlers.onProgress(JSON.parse(event.data) as Data);
    if (event.lastEventId.startsWith("end")) {
      source.close();
      handlers.onEnd?.(JSON.parse(event.data) as Data);
    }
  };
  source.onerror = () => handlers.onTrouble(source.readyState === EventSource.CLOSED ? "closed" : "lost");
  return () => source.close();
}
