// Fills that lanes share: hatch for waiting, a moving stripe for what runs or is being killed.
const still = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

export function LanePatterns() {
  return (
    <svg className="lane-patterns" width="0" height="0" aria-hidden>
      <defs>
        <pattern id="fill-wait" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line x1="0.5" x2="0.5" y1="0" y2="4" stroke="var(--state-queued)" strokeWidth="1" />
        </pattern>
        <Stripe id="fill-running" token="running" />
        <Stripe id="fill-killing" token="killing" />
      </defs>
    </svg>
  );
}

function Stripe({ id, token }: { id: string; token: string }) {
  return (
    <pattern id={id} width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="8" height="8" fill={`var(--state-${token})`} />
      <rect width="4" height="8" fill={`color-mix(in oklab, var(--state-${token}) 70%, var(--surface))`} />
      {!still() && (
        <animateTransform
          attributeName="patternTransform"
          type="translate"
          from="0 0"
          to="11.314 0"
          dur="1.6s"
          repeatCount="indefinite"
          additive="sum"
        />
      )}
    </pattern>
  );
}
