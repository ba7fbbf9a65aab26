// One line: number, time, letter of the level, text with its colours and hits.
import { memo } from "react";
import { type LogLine, markHits, readAnsi } from "../../model/logs";
import { formatPreciseClock } from "../../model/moments";

interface LogLineViewProps {
  line: LogLine;
  text: string;
  current: boolean;
  onLine: (number: number) => void;
}

export const LogLineView = memo(function LogLineView({ line, text, current, onLine }: LogLineViewProps) {
  const { number, entry } = line;
  return (
    <div className="log-line" data-level={entry.level} data-current={current || undefined}>
      <button
        type="button"
        className="log-number"
        tabIndex={-1}
        aria-label={`Line ${number}`}
        onClick={() => onLine(number)}
      >
        {number}
      </button>
      <time className="log-time" dateTime={entry.timestamp}>
        {formatPreciseClock(new Date(entry.timestamp).getTime())}
      </time>
      <span className="log-level" title={entry.level}>
        {entry.level.charAt(0)}
      </span>
      <span className="log-text">
        {readAnsi(entry.message).map((piece, place) => (
          <span key={place} className={piece.colour && `ansi-${piece.colour}`}>
            {markHits(piece.text, text).map((part, index) =>
              part.hit ? (
                <mark key={index} data-current={current || undefined}>
                  {part.text}
                </mark>
              ) : (
                part.text
              ),
            )}
          </span>
        ))}
      </span>
    </div>
  );
});
