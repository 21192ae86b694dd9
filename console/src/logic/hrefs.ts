// Addresses of screens.

export type EntityKind = 'user' | 'device' | 'ip';

export const eventHref = (id: string) => `/client-admin/events/${encodeURIComponent(id)}`;
export const entityHref = (kind: EntityKind, value: string) => `/client-admin/entities/${kind}/${encodeURIComponent(value)}`;
