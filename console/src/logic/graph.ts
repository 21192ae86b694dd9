// Who shares what: the entities around one entity, from the events that have it.

import type { EntityKind } from './hrefs';
import type { EventSummary } from '../types';

export interface Entity {
  kind: EntityKind;
  value: string;
}

export interface Neighbor extends Entity {
  /** Events that have both. */
  events: number;
}

const KINDS: EntityKind[] = ['user', 'email', 'device', 'ip'];

/** The entities of these events but the center, those in most events first. */
export function neighbors(center: Entity, events: EventSummary[]): Neighbor[] {
  const counts = new Map<string, Neighbor>();
  for (const event of events) {
    for (const kind of KINDS) {
      const value = event[kind];
      if (!value || (kind === center.kind && value === center.value)) continue;
      const key = `${kind} ${value}`;
      const known = counts.get(key);
      if (known) known.events += 1;
      else counts.set(key, { kind, value, events: 1 });
    }
  }
  return [...counts.values()].sort((a, b) => b.events - a.events || a.value.localeCompare(b.value));
}
