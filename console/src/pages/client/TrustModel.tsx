// What labels taught of the rules, and going back to an older version.

import { useState, type ReactElement } from 'react';

import { request, withQuery } from '../../api';
import { DataSet, useMode } from '../../components/DataSet';
import { ExportButton, PagedTable, Table, saveCsv, type Column } from '../../components/Table';
import { toast } from '../../components/toast';
import { Button, Card, Confirm, Empty, PageHead, ProblemNote, Skeleton, Stat, Time } from '../../components/ui';
import { useAction, useGet, usePages } from '../../data';
import { signed } from '../../logic/waterfall';
import { useMay } from '../../session';
import type { TrustModel, TrustVersion } from '../../types';

const PATH = '/api/v1/client/trust-model';
type Learned = TrustModel['rules'][number];

const RULES: Column<Learned>[] = [
  { head: 'Rule', cell: (rule) => rule.label ?? <span className="muted">gone</span>, csv: (rule) => rule.label },
  { head: 'Code', cell: (rule) => <code>{rule.code}</code>, csv: (rule) => rule.code },
  { head: 'Labels', number: true, cell: (rule) => rule.labels, csv: (rule) => rule.labels },
  { head: 'Points', number: true, cell: (rule) => rule.points ?? '–', csv: (rule) => rule.points },
  { head: 'Learned', number: true, cell: (rule) => <strong>{signed(rule.learned)}</strong>, csv: (rule) => rule.learned },
  { head: 'Adds now', number: true, cell: (rule) => rule.adds, csv: (rule) => rule.adds },
];

const VERSIONS: Column<TrustVersion>[] = [
  { head: 'Version', number: true, cell: (version) => version.version, csv: (version) => version.version },
  { head: 'Since', cell: (version) => <Time at={version.createdAt} />, csv: (version) => version.createdAt },
  { head: 'Because of', cell: (version) => <span className="wrap">{version.cause}</span>, csv: (version) => version.cause },
  { head: 'Hash', cell: (version) => <code>{version.hash}</code>, csv: (version) => version.hash },
];

export default function TrustModelPage(): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN');
  const mode = useMode();
  const model = useGet<TrustModel>(withQuery(PATH, { mode }));
  const versions = usePages<TrustVersion>(`${PATH}/versions`, { mode });
  const [target, setTarget] = useState<TrustVersion>();
  const back = useAction(async (version: number) => {
    model.set(await request<TrustModel>('POST', `${PATH}/rollback`, { version, mode }));
    setTarget(undefined);
    versions.reload();
    toast(`What version ${version} had learned is in force again.`);
  });
  const { data } = model;
  const actions: Column<TrustVersion> = {
    head: 'Actions', number: true,
    cell: (version) => version.version !== data?.version && <Button kind="small" aria-label={`Go back to version ${version.version}`} onClick={() => setTarget(version)}>Go back</Button>,
  };
  return (
    <>
      <PageHead title="Trust model" about="Each label, from a review, a signal or your backend, teaches how much a rule is worth in your business: on a scale of 0 to 1000, and never enough for one label to change a decision."><DataSet /></PageHead>
      <div className="stack">
        <ProblemNote problem={model.problem} onRetry={model.reload} />
        {!data && !model.problem && <Card flush><Skeleton /></Card>}
        {data && (
          <>
            <dl className="stats">
              <Stat name="Version" more={data.hash}>{data.version}</Stat>
              <Stat name="Rules with labels">{data.rules.length}</Stat>
              <Stat name="Labels counted">{data.rules.reduce((sum, rule) => sum + rule.labels, 0)}</Stat>
            </dl>
            <Card flush title="What it knows" actions={<Button kind="small" icon="download" onClick={() => saveCsv('trust-model', RULES, data.rules)}>Export CSV</Button>}>
              {data.rules.length > 0
                ? <Table label="What it knows" columns={RULES} items={data.rules} id={(rule) => rule.code} />
                : <Empty title="Nothing was learned yet" sample={`curl -s ${location.origin}/api/v1/events/EVENT_ID/outcome -H 'x-api-key: YOUR_KEY' \\\n  -H 'Content-Type: application/json' -d '{"outcome": "CONFIRMED_FRAUD"}'`}><p>Report what became of an event, or decide in the review queue.</p></Empty>}
            </Card>
          </>
        )}
        <Card flush title="Versions" actions={<ExportButton path={`${PATH}/versions`} columns={VERSIONS} name="trust-versions" />}>
          <PagedTable pages={versions} label="Versions" columns={mayChange ? [...VERSIONS, actions] : VERSIONS} id={(version) => version.version} empty={<Empty title="No versions yet"><p>Each label makes one.</p></Empty>} />
        </Card>
      </div>
      {target && (
        <Confirm title={`Go back to version ${target.version}?`} action="Go back" onClose={() => setTarget(undefined)} onDo={() => back.run(target.version)} problem={back.problem} isRunning={back.isRunning}>
          What was learned since is put aside, not lost: it is a version too, to which you can go forward again.
        </Confirm>
      )}
    </>
  );
}
