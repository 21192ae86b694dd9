// From checks to the steps that lead to a score.

import type { EventDetail } from '../types';

export interface Step {
  id: string;
  label: string;
  code?: string;
  detail?: string;
  points: number;
  /** The sum before and after. */
  from: number;
  to: number;
}

/** What counted, largest first, then what was learned and what the scale changed. The last `to` is the score. */
export function steps(event: Pick<EventDetail, 'checks' | 'adjustment' | 'learned' | 'score'>): Step[] {
  const counted = event.checks.filter((check) => check.status === 'fired');
  counted.sort((a, b) => b.points - a.points);
  const parts: Omit<Step, 'from' | 'to'>[] = counted.map((check) => ({
    id: check.code,
    code: check.code,
    label: check.label,
    ...(check.detail && { detail: check.detail }),
    points: check.points,
  }));
  for (const { code, label, points, labels } of event.learned) {
    parts.push({ id: `learned ${code}`, label: `Learned of: ${label}`, detail: `What ${labels} labeled ${labels === 1 ? 'event' : 'events'} taught`, points });
  }
  if (event.adjustment) {
    parts.push({ id: 'adjustment', label: 'Ends of the scale and rounding', detail: whyAdjusted(event), points: event.adjustment });
  }
  let hundredths = 0;
  return parts.map((part) => {
    const from = hundredths / 100;
    hundredths += Math.round(part.points * 100);
    return { ...part, from, to: hundredths / 100 };
  });
}

function whyAdjusted({ adjustment, score }: { adjustment: number; score: number }): string {
  if (adjustment > 0 && score === 0) return 'No score is below zero';
  return adjustment > 0 ? 'A rule’s decision, or the client’s own score, asks for at least this' : 'A rule’s decision, or the end of the scale, asks for at most this';
}

/** `+45`, `−5`, `0`. */
export function signed(points: number): string {
  if (points === 0) return '0';
  return points > 0 ? `+${points}` : `−${-points}`;
}
