// What happens now, at a glance.

import type { ReactElement } from 'react';

import { BarList, DecisionBars, type Bucket } from '../../components/charts';
import { DECISIONS, Decision } from '../../components/Decision';
import { EVENT_COLUMNS } from '../../components/EventTable';
import { Table } from '../../components/Table';
import { Card, Empty, PageHead, ProblemNote, Skeleton, Stat, Time } from '../../components/ui';
import { useGet } from '../../data';
import { Link } from '../../router';
import type { EventSummary, Page } from '../../types';
import { FIRST_CALL } from './firstCall';

const NEWEST = 200;
const EVERY_MS = 10_000;

export default function Overview(): ReactElement {
  const { data, problem, reload } = useGet<Page<EventSummary>>(`/api/v1/client/events?limit=${NEWEST}`, EVERY_MS);
  return (
    <>
      <PageHead title="Overview" about={data && data.items.length > 0 ? <>The newest {data.items.length} live events, since <Time at={data.items.at(-1)?.at ?? null} />.</> : 'What happens now, at a glance.'} />
      <div className="stack">
        <ProblemNote problem={problem} onRetry={reload} />
        {!data && !problem && <Card flush><Skeleton lines={8} /></Card>}
        {data?.items.length === 0 && <Welcome />}
        {data && data.items.length > 0 && <Figures events={data.items} />}
      </div>
    </>
  );
}

function Welcome(): ReactElement {
  return (
    <Card flush>
      <Empty title="Three steps to the first decision" sample={FIRST_CALL}>
        <ol className="steps">
          <li>Make a key under <Link href="/client-admin/api-keys">API keys</Link>.</li>
          <li>Put it in place of <code>YOUR_KEY</code>, and send this from your backend or a shell.</li>
          <li>The answer says what to do. The event appears here and under <Link href="/client-admin/events">Events</Link>, with every reason.</li>
        </ol>
      </Empty>
    </Card>
  );
}

function Figures({ events }: { events: EventSummary[] }): ReactElement {
  const counts = (decision: string) => events.filter((event) => event.decision === decision).length;
  const scores = events.map((event) => event.score).sort((a, b) => a - b);
  const part = (count: number) => `${((count / events.length) * 100).toFixed(1)} %`;
  return (
    <>
      <dl className="stats">
        <Stat name="Events a minute" more="in the time shown">{perMinute(events)}</Stat>
        {DECISIONS.filter(counts).map((decision) => (
          <Stat key={decision} name={<Link href={`/client-admin/events?decision=${decision}`}><Decision decision={decision} /></Link>} more={part(counts(decision))}>
            {counts(decision)}
          </Stat>
        ))}
        <Stat name="Score" more={`median; 95 % are at most ${scores[Math.floor(scores.length * 0.95)] ?? 0}`}>{scores[Math.floor(scores.length / 2)] ?? 0}</Stat>
      </dl>
      <div className="trio">
        <Card title="Decisions over time"><DecisionBars buckets={overTime(events)} label="Decisions over time" /></Card>
        <Card title="Scores"><DecisionBars buckets={byScore(events)} label="How many events have which score" /></Card>
        <Card title="Rules that fired most" actions={<Link className="small" href="/client-admin/rules">Tune them</Link>}>
          <BarList label="Rules that fired most" items={topRules(events)} />
        </Card>
      </div>
      <Card flush title="Latest" actions={<Link className="small" href="/client-admin/events">Live feed</Link>}>
        <Table label="Latest events" columns={EVENT_COLUMNS} items={events.slice(0, 8)} id={(event) => event.id} />
      </Card>
    </>
  );
}

function span(events: EventSummary[]): [number, number] {
  const times = events.map((event) => Date.parse(event.at));
  return [Math.min(...times), Math.max(...times, Math.min(...times) + 60_000)];
}

function perMinute(events: EventSummary[]): number {
  const [first, last] = span(events);
  return Number((events.length / ((last - first) / 60_000)).toPrecision(3));
}

const BUCKETS = 24;

function overTime(events: EventSummary[]): Bucket[] {
  const [first, last] = span(events);
  const width = (last - first) / BUCKETS;
  const isDays = last - first > 36 * 3_600_000;
  const buckets = Array.from({ length: BUCKETS }, (_, index) => {
    const at = new Date(first + index * width);
    const clock = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`;
    return bucketOf(isDays ? `${at.getMonth() + 1}/${at.getDate()} ${clock}` : width < 60_000 ? `${clock}:${String(at.getSeconds()).padStart(2, '0')}` : clock);
  });
  for (const event of events) count(buckets[Math.min(BUCKETS - 1, Math.floor((Date.parse(event.at) - first) / width))], event);
  return buckets;
}

function byScore(events: EventSummary[]): Bucket[] {
  const most = Math.max(100, ...events.map((event) => event.score));
  const width = Math.ceil((most + 1) / 14 / 5) * 5;
  const buckets = Array.from({ length: Math.floor(most / width) + 1 }, (_, index) => bucketOf(String(index * width)));
  for (const event of events) count(buckets[Math.floor(event.score / width)], event);
  return buckets;
}

const bucketOf = (label: string): Bucket => ({ label, counts: {} });

function count(bucket: Bucket | undefined, event: EventSummary): void {
  if (bucket) bucket.counts[event.decision] = (bucket.counts[event.decision] ?? 0) + 1;
}

function topRules(events: EventSummary[]): { name: string; count: number; more: string }[] {
  const counts = new Map<string, number>();
  for (const code of events.flatMap((event) => event.fired)) counts.set(code, (counts.get(code) ?? 0) + 1);
  const rules = [...counts].sort(([, a], [, b]) => b - a).slice(0, 8);
  return rules.map(([name, times]) => ({ name, count: times, more: `${((times / events.length) * 100).toFixed(0)} %` }));
}
