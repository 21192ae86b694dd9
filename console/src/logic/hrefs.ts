// Addresses of screens.

import type { Mode } from '../types';

export type EntityKind = 'user' | 'device' | 'ip' | 'email';

export const eventHref = (id: string, mode: Mode = 'live') => withMode(`/client-admin/events/${encodeURIComponent(id)}`, mode);
export const entityHref = (kind: EntityKind, value: string, mode: Mode = 'live') => withMode(`/client-admin/entities/${kind}/${encodeURIComponent(value)}`, mode);

/** The same screen over test data; what is live has the plain address. */
export const withMode = (href: string, mode: Mode) => (mode === 'test' ? `${href}?mode=test` : href);
