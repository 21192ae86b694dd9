// Line icons, 24 × 24, drawn here.

import type { ReactElement } from 'react';

const PATHS = {
  overview: 'M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z',
  events: 'M3 12h4l3-7 4 14 3-7h4',
  review: 'M4 5h16v11H9l-5 4zM9 10l2 2 4-4',
  analytics: 'M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6',
  rules: 'M4 7h10M18 7h2M4 17h2M10 17h10M14 5v4M6 15v4',
  custom: 'M9 5l-5 7 5 7M15 5l5 7-5 7',
  velocity: 'M12 21a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 13V9M9 2h6M18 6l1.5-1.5',
  lists: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  signals: 'M5 19V5l14 4-14 5',
  model: 'M5 18a7 7 0 0 1 14 0M12 18l4-7',
  keys: 'M14.5 9.5L20 4M17 7l2 2M10.5 10a4 4 0 1 0 3.5 3.5 4 4 0 0 0-3.5-3.5z',
  webhooks: 'M7 17a4 4 0 1 1 4-5l4-1M17 13a4 4 0 1 1-4-5M12 18h5',
  usage: 'M4 19h16M6 15l4-4 3 3 5-7',
  team: 'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 19a6 6 0 0 1 12 0M16 5.5a3 3 0 0 1 0 5.5M18 14.5a6 6 0 0 1 3 4.5',
  audit: 'M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3',
  clients: 'M4 20V8l8-4 8 4v12M9 20v-5h6v5M9 10h.01M15 10h.01',
  reputation: 'M12 3l8 3v6c0 5-3.5 8-8 9-4.5-1-8-4-8-9V6zM9 12l2 2 4-4',
  health: 'M12 20s-8-5-8-11a4.5 4.5 0 0 1 8-3 4.5 4.5 0 0 1 8 3c0 6-8 11-8 11zM7 11h3l1-2 2 4 1-2h3',
  allow: 'M5 12.5l4.5 4.5L19 7.5',
  flag: 'M6 20V5h11l-2 4 2 4H6',
  challenge: 'M9 9a3 3 0 1 1 4 2.8c-.7.3-1 .9-1 1.7v.5M12 17.5h.01',
  block: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM6.5 6.5l11 11',
  eye: 'M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 5l12 7-12 7z',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20',
  plus: 'M12 5v14M5 12h14',
  theme: 'M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16',
  menu: 'M4 7h16M4 12h16M4 17h16',
  out: 'M10 5H5v14h5M14 8l4 4-4 4M18 12H9',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): ReactElement {
  return (
    <svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Logo(): ReactElement {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#1f4fd8" />
      <path d="M8 8v17m5.33-17v17M18.67 8v17M24 8v17M8 12h16M8 18h16" stroke="#fff" strokeWidth="2.4" strokeLinecap="round" fill="none" />
    </svg>
  );
}
