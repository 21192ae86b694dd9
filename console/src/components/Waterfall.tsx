// How a score came about: a table whose bars are only its picture.

import type { ReactElement } from 'react';

import { signed, steps } from '../logic/waterfall';
import type { EventDetail } from '../types';

export function Waterfall({ event }: { event: EventDetail }): ReactElement {
  const all = steps(event);
  const ends = [0, event.score, ...all.flatMap((step) => [step.from, step.to])];
  const [low, high] = [Math.min(...ends), Math.max(...ends, 1)];
  const at = (points: number) => ((points - low) / (high - low)) * 100;
  return (
    <div className="scroll" role="region" aria-label="How the score came about" tabIndex={0}>
      <table className="waterfall">
        <thead>
          <tr>
            <th scope="col">Reason</th>
            <th scope="col" className="number">Points</th>
            <th scope="col"><span className="hidden">Picture</span></th>
            <th scope="col" className="number">Sum</th>
          </tr>
        </thead>
        <tbody>
          {all.length === 0 && (
            <tr>
              <td colSpan={4} className="muted">Nothing counted against this event.</td>
            </tr>
          )}
          {all.map((step) => (
            <tr key={step.id} data-step={step.id}>
              <td className="wrap">
                {step.label}
                {step.detail && <span className="detail">{step.detail}</span>}
              </td>
              <td className="number" data-points={step.points}>{signed(step.points)}</td>
              <td className="bar"><Bar from={at(step.from)} to={at(step.to)} kind={step.points < 0 ? 'fill-down' : 'fill-up'} /></td>
              <td className="number muted">{step.to}</td>
            </tr>
          ))}
          <tr className="total">
            <td>Score</td>
            <td className="number" data-score={event.score}>{event.score}</td>
            <td className="bar"><Bar from={at(0)} to={at(event.score)} kind="fill-total" /></td>
            <td />
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function Bar({ from, to, kind }: { from: number; to: number; kind: string }): ReactElement {
  const [left, right] = [Math.min(from, to), Math.max(from, to)];
  return (
    <svg aria-hidden="true">
      <line x1="0" x2="100%" y1="8" y2="8" className="axis" />
      <rect x={`${left}%`} width={`${Math.max(right - left, 0.6)}%`} y="1" height="14" rx="2" className={kind} />
    </svg>
  );
}
