// Decisions: a color, a shape and a word, so that none is needed alone.

import type { ReactElement } from 'react';

import type { Decision as DecisionName } from '../types';
import { Icon, type IconName } from './icons';

const ICONS: Record<DecisionName, IconName> = { allow: 'allow', flag: 'flag', challenge: 'challenge', review: 'eye', block: 'block' };
export const DECISIONS = ['allow', 'flag', 'challenge', 'review', 'block'] as const;

export function Decision({ decision, big = false }: { decision: DecisionName; big?: boolean }): ReactElement {
  return (
    <span className={`badge ${decision} ${big ? 'big' : ''}`}>
      <Icon name={ICONS[decision] ?? 'flag'} />
      {titled(decision)}
    </span>
  );
}

export function titled(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).replaceAll('_', ' ');
}
