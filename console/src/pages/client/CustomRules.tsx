// Rules that the client wrote.

import type { ReactElement } from 'react';

import { ExportButton, PagedTable, type Column } from '../../components/Table';
import { Decision } from '../../components/Decision';
import { RuleState } from '../../components/RuleMode';
import { Card, Empty, PageHead, Time } from '../../components/ui';
import { useGet, usePages } from '../../data';
import { signed } from '../../logic/waterfall';
import { Link } from '../../router';
import { useMay } from '../../session';
import type { CustomRule, Figures } from '../../types';

const PATH = '/api/v1/client/custom-rules';

const COLUMNS: Column<CustomRule>[] = [
  {
    head: 'Name',
    cell: (rule) => <><Link className="wrap" href={`/client-admin/custom-rules/${rule.id}`}>{rule.name}</Link><span className="clip muted small" title={rule.description}>{rule.description}</span></>,
    csv: (rule) => rule.name,
  },
  { head: 'Condition', cell: (rule) => <code className="clip wide" title={rule.condition}>{rule.condition}</code>, csv: (rule) => rule.condition },
  { head: 'Action', cell: (rule) => <Decision decision={rule.action} />, csv: (rule) => rule.action },
  { head: 'Adds', number: true, cell: (rule) => signed(rule.scoreAdjustment), csv: (rule) => rule.scoreAdjustment },
  { head: 'State', cell: (rule) => <RuleState rule={rule} />, csv: (rule) => (rule.enabled ? rule.mode : 'off') },
  { head: 'Version', number: true, cell: (rule) => rule.version, csv: (rule) => rule.version },
  { head: 'Changed', cell: (rule) => <Time at={rule.updatedAt} />, csv: (rule) => rule.updatedAt },
];

export default function CustomRules(): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN');
  const figures = useGet<Figures>('/api/v1/client/figures?period=7d').data;
  const held: Column<CustomRule> = {
    head: 'Held in 7 days', number: true,
    cell: (rule) => figures?.rules.find((each) => each.id === rule.id)?.fired.toLocaleString('en') ?? <span className="muted">–</span>,
  };
  const add = mayChange && <Link className="button primary small" href="/client-admin/custom-rules/new">Write a rule</Link>;
  return (
    <>
      <PageHead title="Custom rules" about="Conditions of your own over everything that is known of an event, in every API. Begin in shadow mode: such rules are recorded and never count.">
        <ExportButton path={PATH} columns={COLUMNS} name="custom-rules" />
        {add}
      </PageHead>
      <Card flush>
        <PagedTable
          pages={usePages<CustomRule>(PATH)}
          label="Custom rules"
          columns={[...COLUMNS, held]}
          id={(rule) => rule.id}
          rowClass={(rule) => (rule.enabled ? '' : 'faded')}
          empty={
            <Empty title="No rules of your own yet" sample={"ip.is_tor AND email.is_disposable\n\ndevice.linked_accounts > 3 AND NOT ip.address = '192.0.2.7'"}>
              <p>The shipped rules work without any. Write one for what only you know, for instance:</p>
              {add}
            </Empty>
          }
        />
      </Card>
    </>
  );
}
