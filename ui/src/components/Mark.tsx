// The mark: a tercel's wing.
export const Mark = () => (
  <svg
    className="mark"
    viewBox="0 0 20 20"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.9"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden
  >
    <path d="M2.5 5.2C7 5 10.2 7.2 11.2 11l.6 5.8 2.1-4.6 3.8-7.4c-2.6.2-4.7 1.4-6.1 3.6" />
  </svg>
);
