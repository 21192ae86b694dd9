// The entities around one: nearest those that share most events. The same is in the table below it.

import type { ReactElement } from 'react';

import { neighbors, type Entity, type Neighbor } from '../logic/graph';
import { entityHref } from '../logic/hrefs';
import { navigate } from '../router';
import type { Mode } from '../types';

const MOST = 12;
const NAMES = { user: 'User', device: 'Device', ip: 'Address', email: 'E-mail' };
const [WIDTH, HEIGHT] = [620, 340];

export function LinkGraph({ center, events }: { center: Entity; events: Parameters<typeof neighbors>[1] }): ReactElement | null {
  const all = neighbors(center, events);
  if (all.length === 0) return null;
  const shown = all.slice(0, MOST);
  const most = shown[0]?.events ?? 1;
  const mode = events[0]?.mode ?? 'live';
  return (
    <figure className="stack tight">
      <svg className="graph" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label={`${all.length} entities share events with this one`}>
        {shown.map((neighbor, index) => {
          const { x, y } = place(index, shown.length);
          return <line key={key(neighbor)} x1={WIDTH / 2} y1={HEIGHT / 2} x2={x} y2={y} strokeWidth={1 + (3 * neighbor.events) / most} />;
        })}
        <g className="center">
          <circle cx={WIDTH / 2} cy={HEIGHT / 2} r="13" />
          <text x={WIDTH / 2} y={HEIGHT / 2 + 30} textAnchor="middle">{short(center.value)}</text>
        </g>
        {shown.map((neighbor, index) => (
          <Node key={key(neighbor)} neighbor={neighbor} mode={mode} {...place(index, shown.length)} />
        ))}
      </svg>
      <figcaption className="muted small">
        {all.length > MOST ? `The ${MOST} of ${all.length} neighbors with most shared events.` : `${all.length} neighbors.`} A thicker line means more shared events among the newest {events.length}.
      </figcaption>
    </figure>
  );
}

const key = ({ kind, value }: Entity) => `${kind} ${value}`;
const short = (value: string) => (value.length > 16 ? `${value.slice(0, 12)}…` : value);

function place(index: number, count: number): { x: number; y: number } {
  const angle = -Math.PI / 2 + (index / count) * 2 * Math.PI + (count === 2 ? Math.PI / 2 : 0);
  // Every second one further out leaves room for the words.
  const reach = count > 6 && index % 2 === 1 ? 1 : 0.7;
  return { x: WIDTH / 2 + Math.cos(angle) * (WIDTH / 2 - 100) * reach, y: HEIGHT / 2 + Math.sin(angle) * (HEIGHT / 2 - 34) * reach };
}

function Node({ neighbor, mode, x, y }: { neighbor: Neighbor; mode: Mode; x: number; y: number }): ReactElement {
  const href = entityHref(neighbor.kind, neighbor.value, mode);
  const name = `${NAMES[neighbor.kind]} ${neighbor.value}, ${neighbor.events} shared events`;
  return (
    <a
      href={href}
      onClick={(event) => {
        event.preventDefault();
        navigate(href);
      }}
    >
      <title>{name}</title>
      {neighbor.kind === 'user' && <circle cx={x} cy={y} r="8" />}
      {neighbor.kind === 'device' && <rect className="shape" x={x - 8} y={y - 8} width="16" height="16" rx="3" />}
      {neighbor.kind === 'ip' && <path className="shape" d={`M${x} ${y - 10}l10 10-10 10-10-10z`} />}
      {neighbor.kind === 'email' && <path className="shape" d={`M${x} ${y - 10}l10 17h-20z`} />}
      <text x={x} y={y + 24} textAnchor="middle">{short(neighbor.value)}</text>
    </a>
  );
}
