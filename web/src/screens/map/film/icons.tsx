export const PlayIcon = () => (
  <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden focusable="false">
    <path d="M3 1.5L12 7L3 12.5Z" fill="currentColor" />
  </svg>
);
export const PauseIcon = () => (
  <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden focusable="false">
    <path d="M3 2h3v10H3ZM8 2h3v10H8Z" fill="currentColor" />
  </svg>
);
export const FilmIcon = () => (
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
    <path d="M4 12a8 8 0 1 0 2.6-5.9M4 4v4h4M12 8v4.5l3 2" />
  </svg>
);
