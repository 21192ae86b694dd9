// Small charts, drawn as SVG. Each says in words what it shows; the numbers are in a table beside it.

import type { ReactElement } from 'react';

import { local } from '../logic/time';
import type { Decision, EventSummary } from '../types';
import { DECISIONS, titled } from './Decision';

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [400, 210, 34, 22];
const WIDE = 560;

export interface Bucket {
  label: string;
  counts: Partial<Record<Decision, number>>;
}

/** Stacked bars, a color for each decision. */
export function DecisionBars({ buckets, label, isWide = false }: { buckets: Bucket[]; label: string; isWide?: boolean }): ReactElement {
  const bars = buckets.map((bucket) => ({
    label: bucket.label,
    parts: DECISIONS.map((decision) => ({ name: decision, count: bucket.counts[decision] ?? 0, kind: `fill-${decision}` })),
  }));
  return (
    <figure className="stack tight">
      <Bars bars={bars} label={label} isWide={isWide} />
      <Legend decisions={DECISIONS.filter((decision) => buckets.some((bucket) => bucket.counts[decision]))} />
    </figure>
  );
}

/** Bars of one kind. */
export function Histogram({ ranges, label }: { ranges: { label: string; count: number }[]; label: string }): ReactElement {
  const bars = ranges.map((range) => ({ label: range.label, parts: [{ name: 'events', count: range.count, kind: 'fill-accent' }] }));
  return <Bars bars={bars} label={label} />;
}

interface Bar {
  label: string;
  parts: { name: string; count: number; kind: string }[];
}

function Bars({ bars, label, isWide = false }: { bars: Bar[]; label: string; isWide?: boolean }): ReactElement {
  const total = ({ parts }: Bar) => parts.reduce((sum, part) => sum + part.count, 0);
  const most = Math.max(1, ...bars.map(total));
  const all = isWide ? WIDTH * 3 : WIDTH;
  const width = (all - LEFT) / Math.max(1, bars.length);
  const height = (count: number) => ((HEIGHT - BOTTOM - 8) * count) / most;
  const every = Math.ceil(bars.length / (isWide ? 12 : 5));
  return (
    <svg className="chart" viewBox={`0 0 ${all} ${HEIGHT}`} role="img" aria-label={label}>
      <line className="axis" x1={LEFT} x2={all} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
      <text x={LEFT - 6} y="14" textAnchor="end">{most}</text>
      <text x={LEFT - 6} y={HEIGHT - BOTTOM} textAnchor="end">0</text>
      {bars.map((bar, index) => {
        let top = HEIGHT - BOTTOM;
        return (
          <g key={bar.label}>
            <title>{`${bar.label}: ${bar.parts.filter((part) => part.count).map((part) => `${part.count} ${part.name}`).join(', ') || 'nothing'}`}</title>
            <rect x={LEFT + index * width} y="0" width={width} height={HEIGHT - BOTTOM} fill="transparent" />
            {bar.parts.map((part) => {
              const size = height(part.count);
              top -= size;
              return size > 0 && <rect key={part.name} className={part.kind} x={LEFT + index * width + width * 0.12} y={top} width={width * 0.76} height={size} />;
            })}
            {index % every === 0 && <text x={LEFT + (index + 0.5) * width} y={HEIGHT - 6} textAnchor="middle">{bar.label}</text>}
          </g>
        );
      })}
    </svg>
  );
}

export function Legend({ decisions }: { decisions: readonly Decision[] }): ReactElement {
  return (
    <ul className="legend-list">
      {decisions.map((decision) => (
        <li key={decision}>
          <svg viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10" rx="2" className={`fill-${decision}`} /></svg>
          {titled(decision)}
        </li>
      ))}
    </ul>
  );
}

/** A dot for each event: when, and its score. */
export function ScoreHistory({ events }: { events: EventSummary[] }): ReactElement {
  const times = events.map((event) => Date.parse(event.at));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const most = Math.max(100, ...events.map((event) => event.score));
  const x = (time: number) => LEFT + 8 + ((WIDE - LEFT - 20) * (last === first ? 0.5 : (time - first) / (last - first)));
  const y = (score: number) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - 12) * score) / most;
  return (
    <figure className="stack tight">
      <svg className="chart" viewBox={`0 0 ${WIDE} ${HEIGHT}`} role="img" aria-label={`Scores of ${events.length} events, from ${local(new Date(first).toISOString())} to ${local(new Date(last).toISOString())}`}>
        <line className="axis" x1={LEFT} x2={WIDE} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
        <text x={LEFT - 6} y={y(most) + 4} textAnchor="end">{most}</text>
        <text x={LEFT - 6} y={HEIGHT - BOTTOM} textAnchor="end">0</text>
        <text x={LEFT} y={HEIGHT - 6}>{local(new Date(first).toISOString()).slice(0, 16)}</text>
        {last > first && <text x={WIDE} y={HEIGHT - 6} textAnchor="end">{local(new Date(last).toISOString()).slice(0, 16)}</text>}
        {events.map((event) => (
          <circle key={event.id} cx={x(Date.parse(event.at))} cy={y(event.score)} r="4.5" className={`fill-${event.decision}`} fillOpacity="0.8">
            <title>{`${local(event.at)}: ${event.score}, ${event.decision}`}</title>
          </circle>
        ))}
      </svg>
      <Legend decisions={DECISIONS.filter((decision) => events.some((event) => event.decision === decision))} />
    </figure>
  );
}

/** Bars from left to right with their names and numbers: a table by itself. */
export function BarList({ items, label, kind = 'fill-accent' }: { items: { name: string; count: number; more?: string }[]; label: string; kind?: string }): ReactElement {
  const most = Math.max(1, ...items.map((item) => item.count));
  return (
    <table className="bar-list">
      <caption className="hidden">{label}</caption>
      <thead className="hidden">
        <tr><th scope="col">Name</th><th scope="col">Picture</th><th scope="col">Number</th></tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.name}>
            <td><code>{item.name}</code></td>
            <td className="bar"><svg aria-hidden="true"><rect y="3" height="10" rx="2" width={`${Math.max(1, (item.count / most) * 100)}%`} className={kind} /></svg></td>
            <td className="number">{item.count} {item.more && <span className="muted small">{item.more}</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
