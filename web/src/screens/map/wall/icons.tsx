export const WallIcon = () => (
  <svg
    width="18"
    height="18"
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.8"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden
    focusable="false"
  >
    <rect x="3" y="4.5" width="18" height="12" rx="1.5" />
    <path d="M12 16.5V20M8 20h8" />
  </svg>
);
