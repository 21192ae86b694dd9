// Events as rows: in the feed, and beside an event or an entity.

import type { ReactElement } from 'react';

import { entityHref, eventHref } from '../logic/hrefs';
import { Link } from '../router';
import type { EventSummary } from '../types';
import { Decision, titled } from './Decision';
import type { Column } from './Table';
import { Time } from './ui';

function Who({ event }: { event: EventSummary }): ReactElement {
  if (!event.user) return event.email ? <Link className="clip" href={entityHref('email', event.email, event.mode)}>{event.email}</Link> : <span className="muted">–</span>;
  return (
    <Link className="clip" href={entityHref('user', event.user, event.mode)} title={event.email ? `${event.user}, ${event.email}` : event.user}>
      {event.email ?? event.user}
    </Link>
  );
}

const SHOWN = 2;

export function Reasons({ codes }: { codes: string[] }): ReactElement {
  if (codes.length === 0) return <span className="muted">–</span>;
  return (
    <span className="chips" title={codes.join(', ')}>
      {codes.slice(0, SHOWN).map((code) => (
        <span className="chip mono" key={code}>{code}</span>
      ))}
      {codes.length > SHOWN && <span className="muted small">+{codes.length - SHOWN}</span>}
    </span>
  );
}

export const EVENT_COLUMNS: Column<EventSummary>[] = [
  {
    head: 'Time',
    cell: (event) => (
      <Link href={eventHref(event.id, event.mode)}>
        <Time at={event.at} />
      </Link>
    ),
    csv: (event) => event.at,
  },
  { head: 'Decision', cell: (event) => <Decision decision={event.decision} />, csv: (event) => event.decision },
  { head: 'Score', cell: (event) => event.score, csv: (event) => event.score, number: true },
  { head: 'Type', cell: (event) => titled(event.type), csv: (event) => event.type },
  { head: 'User', cell: (event) => <Who event={event} />, csv: (event) => event.user },
  {
    head: 'Address',
    cell: (event) =>
      event.ip ? (
        <span className="nowrap">
          <Link href={entityHref('ip', event.ip, event.mode)}>{event.ip}</Link> <span className="muted">{event.countryCode}</span>
        </span>
      ) : (
        <span className="muted">–</span>
      ),
    csv: (event) => event.ip,
  },
  {
    head: 'Device',
    cell: (event) =>
      event.device ? (
        <Link className="mono" href={entityHref('device', event.device, event.mode)}>
          {event.device.slice(0, 8)}
        </Link>
      ) : (
        <span className="muted">–</span>
      ),
    csv: (event) => event.device,
  },
  { head: 'Reasons', cell: (event) => <Reasons codes={event.fired} />, csv: (event) => event.fired.join(' ') },
];

/** What only the export has. */
export const EVENT_EXPORT: Column<EventSummary>[] = [
  { head: 'Id', cell: () => null, csv: (event) => event.id },
  ...EVENT_COLUMNS,
  { head: 'E-mail', cell: () => null, csv: (event) => event.email },
  { head: 'Country', cell: () => null, csv: (event) => event.countryCode },
  { head: 'Data', cell: () => null, csv: (event) => event.mode },
  { head: 'API', cell: () => null, csv: (event) => event.dialect },
  { head: 'Band', cell: () => null, csv: (event) => event.band },
  { head: 'Outcome', cell: () => null, csv: (event) => event.outcome?.outcome },
];
