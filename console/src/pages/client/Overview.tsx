// What happens now, at a glance: counts by the hour, and the newest events.

import { useState, type ReactElement } from 'react';

import { withQuery } from '../../api';
import { BarList, DecisionBars, Histogram } from '../../components/charts';
import { DataSet, useMode } from '../../components/DataSet';
import { DECISIONS, Decision } from '../../components/Decision';
import { EVENT_COLUMNS } from '../../components/EventTable';
import { Table } from '../../components/Table';
import { Card, Empty, Field, PageHead, ProblemNote, Skeleton, Stat, Time } from '../../components/ui';
import { useGet } from '../../data';
import { decisions, medianScore, milliseconds, scoreBars, scoredDialects, topRules, total } from '../../logic/figures';
import { withMode } from '../../logic/hrefs';
import { local } from '../../logic/time';
import { Link, useQuery } from '../../router';
import type { AuditEntry, EventSummary, Figures, Latency, Mode, Page } from '../../types';
import { FIRST_CALL } from './firstCall';

const EVERY_MS = 10_000;
const PERIODS = [['24h', 'The last 24 hours', 24 * 60], ['7d', 'The last 7 days', 7 * 24 * 60], ['30d', 'The last 30 days', 30 * 24 * 60]] as const;

export default function Overview(): ReactElement {
  const [query, change] = useQuery();
  const mode = useMode();
  const period = PERIODS.find(([each]) => each === query.get('period')) ?? PERIODS[0];
  const figures = useGet<Figures>(withQuery('/api/v1/client/figures', { period: period[0], mode }), EVERY_MS);
  const latest = useGet<Page<EventSummary>>(withQuery('/api/v1/client/events', { limit: 8, mode }), EVERY_MS);
  const problem = figures.problem ?? latest.problem;
  const isEmpty = latest.data?.items.length === 0;
  return (
    <>
      <PageHead title="Overview" about="Counted by the hour as it happens, in every API, and refreshed every 10 seconds.">
        <Field label="Period">
          {(props) => (
            <select {...props} className="input" value={period[0]} onChange={(event) => change({ period: event.target.value })}>
              {PERIODS.map(([each, name]) => <option key={each} value={each}>{name}</option>)}
            </select>
          )}
        </Field>
        <DataSet />
      </PageHead>
      <div className="stack">
        <ProblemNote problem={problem} onRetry={() => (figures.reload(), latest.reload())} />
        {(!figures.data || !latest.data) && !problem && <Card flush><Skeleton lines={8} /></Card>}
        {isEmpty && (mode === 'live' ? <Welcome /> : <NoTestData />)}
        {!isEmpty && figures.data && latest.data && <Shown figures={figures.data} latest={latest.data.items} minutes={period[2]} mode={mode} />}
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
        <p className="muted">Events of test keys are <Link href="/client-admin?mode=test">test data</Link>, which never meet live ones.</p>
      </Empty>
    </Card>
  );
}

function NoTestData(): ReactElement {
  return (
    <Card flush>
      <Empty title="No test data yet" sample={FIRST_CALL}>
        <p>Make a key for test data under <Link href="/client-admin/api-keys">API keys</Link>, and send this with it. Whoever runs this installation can also fill a client with weeks of made-up traffic: <code>portcullis demo</code>.</p>
      </Empty>
    </Card>
  );
}

function Shown({ figures, latest, minutes, mode }: { figures: Figures; latest: EventSummary[]; minutes: number; mode: Mode }): ReactElement {
  const sums = total(figures.intervals);
  const counts = decisions(sums);
  const part = (count: number) => (sums.events > 0 ? `${((count / sums.events) * 100).toFixed(1)} %` : '–');
  const rules = topRules(figures, 8).map((rule) => ({ ...rule, more: part(rule.count) }));
  return (
    <>
      <dl className="stats">
        <Stat name="Events" more={`${perMinute(sums.events / minutes)} a minute`}>{sums.events.toLocaleString('en')}</Stat>
        {DECISIONS.filter((decision) => counts[decision]).map((decision) => (
          <Stat key={decision} name={<Link href={withQuery('/client-admin/events', { decision, mode: mode === 'test' ? mode : '' })}><Decision decision={decision} /></Link>} more={part(counts[decision])}>
            {counts[decision].toLocaleString('en')}
          </Stat>
        ))}
        <LatencyStat latency={figures.latency} />
      </dl>
      <div className="trio">
        <Card title="Decisions over time"><DecisionBars buckets={figures.intervals.map((each) => ({ label: label(each.from, figures.period), counts: decisions(each) }))} label="Decisions over time" /></Card>
        <Scores figures={figures} />
        <Card title="Rules that fired most" actions={<Link className="small" href="/client-admin/rules">Tune them</Link>}>
          {rules.length > 0 ? <BarList label="Rules that fired most" items={rules} /> : <p className="muted">No rule fired in this time.</p>}
        </Card>
      </div>
      <Card flush title="Latest" actions={<Link className="small" href={withMode('/client-admin/events', mode)}>Live feed</Link>}>
        <Table label="Latest events" columns={EVENT_COLUMNS} items={latest} id={(event) => event.id} />
      </Card>
      <Changes />
    </>
  );
}

/** What was not measured is not known. */
function LatencyStat({ latency }: { latency: Latency | null }): ReactElement {
  if (!latency) return <Stat name="Time to decide" more="nothing was measured in this time"><span className="muted">unknown</span></Stat>;
  return (
    <Stat name="Time to decide" more={<>p50; p95 {milliseconds(latency.p95Us)}, p99 {milliseconds(latency.p99Us)}</>}>
      <span title={`Half of ${latency.count.toLocaleString('en')} decisions were on disk within this time.`}>{milliseconds(latency.p50Us)}</span>
    </Stat>
  );
}

function Scores({ figures: { scores } }: { figures: Figures }): ReactElement {
  const dialects = scoredDialects(scores);
  const [picked, setPicked] = useState<string>();
  const dialect = picked && dialects.includes(picked) ? picked : dialects[0];
  const choice = dialects.length > 1 && (
    <select className="input" aria-label="Scores of which API" value={dialect} onChange={(event) => setPicked(event.target.value)}>
      {dialects.map((each) => <option key={each}>{each}</option>)}
    </select>
  );
  return (
    <Card title="Scores" actions={choice}>
      {dialect ? (
        <>
          <Histogram ranges={scoreBars(scores, dialect)} label={`How many events of the ${dialect} API have which score`} />
          <p className="muted small">The median of the {dialect} API is {medianScore(scores, dialect)}.</p>
        </>
      ) : (
        <p className="muted">Nothing was scored in this time.</p>
      )}
    </Card>
  );
}

/** Who changed what lately: the first thing to look at when the numbers move. */
function Changes(): ReactElement | null {
  const { data } = useGet<Page<AuditEntry>>('/api/v1/client/audit?limit=5');
  if (!data || data.items.length === 0) return null;
  return (
    <Card title="What changed lately" actions={<Link className="small" href="/client-admin/audit">Audit log</Link>}>
      <ul className="changes">
        {data.items.map((entry) => (
          <li key={entry.id}>
            <Time at={entry.at} /> <code>{entry.action}</code> <span className="muted">by {entry.actor.name ?? entry.actor.id}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

const perMinute = (rate: number) => (rate >= 100 ? Math.round(rate).toLocaleString('en') : Number(rate.toPrecision(2)).toString());

/** Local: the hour of a day, or the day. */
function label(from: string, period: string): string {
  const text = local(from);
  return period === '24h' ? text.slice(11, 16) : text.slice(5, period === '7d' ? 16 : 10);
}
