// How the server is: what its own checks and metrics say.

import { useEffect, useState, type ReactElement } from 'react';

import { Table, type Column } from '../../components/Table';
import { Card, Note, PageHead, ProblemNote, Skeleton, Stat } from '../../components/ui';
import { Problem } from '../../api';
import { parseMetrics, quantile, sum, type Sample } from '../../logic/metrics';

const EVERY_MS = 5_000;

interface Health {
  isReady: boolean;
  reasons: string[];
  samples: Sample[];
}

async function look(signal: AbortSignal): Promise<Health> {
  const [ready, metrics] = await Promise.all([fetch('/readyz', { signal }), fetch('/metrics', { signal })]);
  const state = (await ready.json()) as { ready: boolean; reasons: string[] };
  return { isReady: state.ready, reasons: state.reasons, samples: metrics.ok ? parseMetrics(await metrics.text()) : [] };
}

export default function HealthPage(): ReactElement {
  const [health, setHealth] = useState<Health>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    const controller = new AbortController();
    const load = async () => {
      try {
        setHealth(await look(controller.signal));
        setProblem(undefined);
      } catch {
        if (!controller.signal.aborted) setProblem(new Problem(0, 'The server can not be reached. What is shown is from before.'));
      }
    };
    void load();
    const timer = setInterval(() => document.hidden || void load(), EVERY_MS);
    return () => {
      controller.abort();
      clearInterval(timer);
    };
  }, []);
  return (
    <>
      <PageHead title="System health" about={<>Since the server started, refreshed every 5 seconds. Your monitoring reads the same at <code>/metrics</code> and <code>/readyz</code>.</>} />
      <div className="stack">
        <ProblemNote problem={problem} />
        {!health && !problem && <Card flush><Skeleton /></Card>}
        {health && <Figures health={health} />}
      </div>
    </>
  );
}

const bytes = (value: number) => (value >= 2 ** 30 ? `${(value / 2 ** 30).toFixed(2)} GiB` : `${(value / 2 ** 20).toFixed(1)} MiB`);

function duration(seconds: number): string {
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60];
  return days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min`;
}

const REQUESTS = 'http_request_duration_seconds';

function Figures({ health: { isReady, reasons, samples } }: { health: Health }): ReactElement {
  const started = sum(samples, 'process_start_time_seconds');
  const memory = sum(samples, 'process_resident_memory_bytes');
  const requests = sum(samples, `${REQUESTS}_count`);
  const failed = samples.filter((sample) => sample.name === `${REQUESTS}_count` && Number(sample.labels.status) >= 500).reduce((total, sample) => total + sample.value, 0);
  return (
    <>
      {isReady ? <Note kind="good">The server is ready for work.</Note> : <Note kind="bad">The server takes no new work: {reasons.join(', ')}.</Note>}
      <dl className="stats">
        {started > 0 && <Stat name="Up for">{duration(Date.now() / 1_000 - started)}</Stat>}
        {memory > 0 && <Stat name="Memory">{bytes(memory)}</Stat>}
        <Stat name="Requests">{requests.toLocaleString('en')}</Stat>
        <Stat name="Failed" more="with status 500 or more">{failed.toLocaleString('en')}</Stat>
      </dl>
      <Card flush title="Requests by route" about="Durations are upper ends of the histogram’s buckets.">
        <Table label="Requests by route" columns={ROUTES} items={routesOf(samples)} id={(route) => route.name} />
      </Card>
      <Card flush title="All other figures">
        <Table label="All other figures" columns={OTHERS} items={othersOf(samples)} id={(sample) => sample.name + JSON.stringify(sample.labels)} />
      </Card>
    </>
  );
}

interface Route {
  name: string;
  count: number;
  failed: number;
  p50: number | undefined;
  p99: number | undefined;
}

const ms = (seconds: number | undefined) => (seconds === undefined ? '–' : seconds === Infinity ? 'more' : `${Number((seconds * 1_000).toPrecision(3))} ms`);

const ROUTES: Column<Route>[] = [
  { head: 'Route', cell: (route) => <code>{route.name}</code> },
  { head: 'Requests', number: true, cell: (route) => route.count.toLocaleString('en') },
  { head: 'Refused or failed', number: true, cell: (route) => route.failed.toLocaleString('en') },
  { head: 'Half within', number: true, cell: (route) => ms(route.p50) },
  { head: '99 % within', number: true, cell: (route) => ms(route.p99) },
];

function routesOf(samples: Sample[]): Route[] {
  const counts = samples.filter((sample) => sample.name === `${REQUESTS}_count`);
  const key = (labels: Record<string, string>) => `${labels.method} ${labels.route}`;
  const names = [...new Set(counts.map((sample) => key(sample.labels)))];
  const routes = names.map((name) => {
    const own = counts.filter((sample) => key(sample.labels) === name);
    const total = (some: Sample[]) => some.reduce((all, sample) => all + sample.value, 0);
    const at = (part: number) => quantile(samples, REQUESTS, part, (labels) => key(labels) === name);
    return { name, count: total(own), failed: total(own.filter((sample) => Number(sample.labels.status) >= 400)), p50: at(0.5), p99: at(0.99) };
  });
  return routes.sort((a, b) => b.count - a.count);
}

const OTHERS: Column<Sample>[] = [
  { head: 'Figure', cell: (sample) => <code className="wrap">{sample.name}</code> },
  { head: 'Of', cell: (sample) => <span className="muted small wrap">{Object.entries(sample.labels).map(([name, value]) => `${name} ${value}`).join(', ')}</span> },
  { head: 'Value', number: true, cell: (sample) => (Number.isInteger(sample.value) ? sample.value.toLocaleString('en') : Number(sample.value.toPrecision(6))) },
];

function othersOf(samples: Sample[]): Sample[] {
  return samples.filter((sample) => !sample.name.startsWith(REQUESTS) && !sample.name.endsWith('_bucket'));
}
