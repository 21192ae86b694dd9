// The client's own points, thresholds and limits.

import type { ReactElement } from 'react';

import { RuleSettings, type Hits } from '../../components/RuleSettings';
import { PageHead } from '../../components/ui';
import { useGet } from '../../data';
import { useMay } from '../../session';
import type { EventSummary, Page } from '../../types';
import { Enforcement } from './Enforcement';

export default function Rules(): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN');
  const newest = useGet<Page<EventSummary>>('/api/v1/client/events?limit=200').data;
  return (
    <>
      <PageHead title="Rules" about="How your events of the ingest API are judged. What you do not set follows the installation’s defaults, also when they change." />
      <div className="stack">
        <Enforcement />
        <RuleSettings path="/api/v1/client/rules" mayChange={mayChange} below="the global rules" hits={newest && hitsOf(newest.items)} />
      </div>
    </>
  );
}

function hitsOf(events: EventSummary[]): Hits {
  const own = events.filter((event) => event.dialect === 'ingest');
  const byCode = new Map<string, number>();
  for (const code of own.flatMap((event) => event.fired)) byCode.set(code, (byCode.get(code) ?? 0) + 1);
  return { events: own.length, byCode };
}
