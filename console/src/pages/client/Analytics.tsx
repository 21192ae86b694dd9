// What was decided over time, and what each of the client's own rules did.

import type { ReactElement } from 'react';

import { withQuery } from '../../api';
import { DecisionBars, type Bucket } from '../../components/charts';
import { DataSet, useMode } from '../../components/DataSet';
import { Table, saveCsv, type Column } from '../../components/Table';
import { Button, Card, Empty, Field, PageHead, ProblemNote, Skeleton, Stat } from '../../components/ui';
import { useGet } from '../../data';
import { decisions, total } from '../../logic/figures';
import { local } from '../../logic/time';
import { Link, useQuery } from '../../router';
import type { CheckFigures, Figures } from '../../types';

type Interval = Figures['intervals'][number];
type Rule = Figures['rules'][number];

const PERIODS = [['24h', 'The last 24 hours'], ['7d', 'The last 7 days'], ['30d', 'The last 30 days'], ['90d', 'The last 90 days']] as const;

const INTERVALS: Column<Interval>[] = [
  { head: 'From', cell: (each) => local(each.from), csv: (each) => each.from },
  { head: 'Events', number: true, cell: (each) => each.events, csv: (each) => each.events },
  { head: 'Flagged', number: true, cell: (each) => each.flagged, csv: (each) => each.flagged },
  { head: 'Challenged', number: true, cell: (each) => each.challenged, csv: (each) => each.challenged },
  { head: 'Reviewed', number: true, cell: (each) => each.reviewed, csv: (each) => each.reviewed },
  { head: 'Blocked', number: true, cell: (each) => each.blocked, csv: (each) => each.blocked },
  { head: 'Would be blocked', number: true, cell: (each) => each.wouldBlock, csv: (each) => each.wouldBlock },
  { head: 'Signals confirmed', number: true, cell: (each) => each.confirmed, csv: (each) => each.confirmed },
  { head: 'Signals dismissed', number: true, cell: (each) => each.dismissed, csv: (each) => each.dismissed },
];

const RULES: Column<Rule>[] = [
  { head: 'Rule', cell: (rule) => (rule.kind === 'custom' ? <Link className="wrap" href={`/client-admin/custom-rules/${rule.id}`}>{rule.name}</Link> : <span className="wrap">{rule.name}</span>), csv: (rule) => rule.name },
  { head: 'Kind', cell: (rule) => rule.kind, csv: (rule) => rule.kind },
  { head: 'Held', number: true, cell: (rule) => rule.fired, csv: (rule) => rule.fired },
  { head: 'Blocked', number: true, cell: (rule) => rule.blocked, csv: (rule) => rule.blocked },
  { head: 'Would block', number: true, cell: (rule) => rule.wouldBlock, csv: (rule) => rule.wouldBlock },
  { head: 'Was fraud', number: true, cell: (rule) => rule.confirmed, csv: (rule) => rule.confirmed },
  { head: 'Was none', number: true, cell: (rule) => rule.dismissed, csv: (rule) => rule.dismissed },
  { head: 'False positives', number: true, cell: (rule) => share(rule.dismissed, rule.confirmed + rule.dismissed), csv: (rule) => share(rule.dismissed, rule.confirmed + rule.dismissed) },
];

const CHECKS: Column<CheckFigures>[] = [
  { head: 'Check', cell: (check) => <code>{check.code}</code>, csv: (check) => check.code },
  { head: 'API', cell: (check) => check.dialect, csv: (check) => check.dialect },
  { head: 'Counted', number: true, cell: (check) => check.fired, csv: (check) => check.fired },
  { head: 'Only watched', number: true, cell: (check) => check.watched, csv: (check) => check.watched },
  { head: 'Was fraud', number: true, cell: (check) => check.confirmed, csv: (check) => check.confirmed },
  { head: 'Was none', number: true, cell: (check) => check.dismissed, csv: (check) => check.dismissed },
  { head: 'False positives', number: true, cell: (check) => share(check.dismissed, check.confirmed + check.dismissed), csv: (check) => share(check.dismissed, check.confirmed + check.dismissed) },
];

function share(part: number, whole: number): string {
  return whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)} %`;
}

export default function Analytics(): ReactElement {
  const [query, change] = useQuery();
  const period = query.get('period') ?? '7d';
  const mode = useMode();
  const { data, problem, reload } = useGet<Figures>(withQuery('/api/v1/client/figures', { period, mode }));
  return (
    <>
      <PageHead title="Analytics" about="Counted by the hour as it happens, in every API.">
        <Field label="Period">
          {(props) => (
            <select {...props} className="input" value={period} onChange={(event) => change({ period: event.target.value })}>
              {PERIODS.map(([each, name]) => <option key={each} value={each}>{name}</option>)}
            </select>
          )}
        </Field>
        <DataSet />
      </PageHead>
      <div className="stack">
        <ProblemNote problem={problem} onRetry={reload} />
        {!data && !problem && <Card flush><Skeleton lines={8} /></Card>}
        {data && <Shown figures={data} />}
      </div>
    </>
  );
}

function Shown({ figures: { intervals, rules, checks } }: { figures: Figures }): ReactElement {
  const sums = total(intervals);
  const { events } = sums;
  const number = (name: keyof typeof sums) => sums[name].toLocaleString('en');
  return (
    <>
      <dl className="stats">
        <Stat name="Events">{number('events')}</Stat>
        <Stat name="Blocked" more={share(sums.blocked, events)}>{number('blocked')}</Stat>
        <Stat name="Challenged" more={share(sums.challenged, events)}>{number('challenged')}</Stat>
        <Stat name="Reviewed" more={share(sums.reviewed, events)}>{number('reviewed')}</Stat>
        <Stat name="Would be blocked" more="by what only watches">{number('wouldBlock')}</Stat>
        <Stat name="False positives" more="of the signals that were decided">{share(sums.dismissed, sums.confirmed + sums.dismissed)}</Stat>
      </dl>
      <Card title="Decisions over time">
        <DecisionBars buckets={intervals.map(bucket)} label="Decisions over time" isWide />
      </Card>
      <Card flush title="Your own rules" actions={<Button kind="small" icon="download" onClick={() => saveCsv('own-rules', RULES, rules)}>Export CSV</Button>}>
        {rules.length > 0 ? <Table label="Your own rules" columns={RULES} items={rules} id={(rule) => rule.id} /> : <Empty title="No rules of your own"><p>Custom rules and velocity rules are counted here.</p></Empty>}
      </Card>
      <Card flush title="Checks of the APIs" about="How often each held, and what became of what it held for." actions={<Button kind="small" icon="download" onClick={() => saveCsv('checks', CHECKS, checks)}>Export CSV</Button>}>
        {checks.length > 0 ? <Table label="Checks of the APIs" columns={CHECKS} items={[...checks].sort((a, b) => b.fired + b.watched - a.fired - a.watched)} id={(check) => `${check.dialect} ${check.code}`} /> : <Empty title="No check held in this time" />}
      </Card>
      <Card flush title="By interval" actions={<Button kind="small" icon="download" onClick={() => saveCsv('decisions', INTERVALS, intervals)}>Export CSV</Button>}>
        <Table label="Decisions by interval" columns={INTERVALS} items={intervals} id={(each) => each.from} />
      </Card>
    </>
  );
}

function bucket(interval: Interval): Bucket {
  return { label: local(interval.from).slice(5, 16), counts: decisions(interval) };
}
