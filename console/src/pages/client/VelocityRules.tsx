// How often something may be attempted.

import { useState, type ReactElement } from 'react';

import { titled } from '../../components/Decision';
import { RuleState } from '../../components/RuleMode';
import { ExportButton, PagedTable, type Column } from '../../components/Table';
import { toast } from '../../components/toast';
import { Button, Card, Empty, PageHead } from '../../components/ui';
import { useGet, usePages } from '../../data';
import { useMay } from '../../session';
import type { Figures, VelocityRule } from '../../types';
import { SCOPES, VelocityRuleForm } from './VelocityRuleForm';

const PATH = '/api/v1/client/velocity-rules';

const CHECK = `curl -X POST ${location.origin}/v1/fraud/velocity/check \\
  -H 'Authorization: Bearer YOUR_KEY' -H 'Content-Type: application/json' \\
  -d '{"action": "login", "user_id": "u-1", "ip_address": "192.0.2.7"}'`;

const COLUMNS: Column<VelocityRule>[] = [
  { head: 'Rule', cell: (rule) => <strong className="wrap" title={rule.description}>{rule.name}</strong>, csv: (rule) => rule.name },
  { head: 'What is attempted', cell: (rule) => <code className="wrap">{rule.action}</code>, csv: (rule) => rule.action },
  { head: 'At most', cell: (rule) => <>{rule.limit.toLocaleString('en')} in {rule.window} <span className="muted">{SCOPES[rule.scope]}</span></>, csv: (rule) => rule.limit },
  { head: 'Window', cell: (rule) => rule.window, csv: (rule) => rule.window },
  { head: 'One more', cell: (rule) => <>{titled(rule.onExceed)}{rule.cooldown && <span className="muted"> for {rule.cooldown}</span>}</>, csv: (rule) => rule.onExceed },
  { head: 'State', cell: (rule) => <RuleState rule={rule} />, csv: (rule) => (rule.enabled ? rule.mode : 'off') },
];

export default function VelocityRules(): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN');
  const pages = usePages<VelocityRule>(PATH);
  const figures = useGet<Figures>('/api/v1/client/figures?period=7d').data;
  const [editing, setEditing] = useState<VelocityRule | 'new'>();
  const done = (text: string) => {
    setEditing(undefined);
    pages.reload();
    toast(text);
  };
  const beyond: Column<VelocityRule> = {
    head: 'Exceeded', number: true,
    cell: (rule) => figures?.rules.find((each) => each.id === rule.id)?.fired.toLocaleString('en') ?? <span className="muted">–</span>,
  };
  const actions: Column<VelocityRule> = {
    head: 'Actions', number: true,
    cell: (rule) => <Button kind="small" aria-label={`${mayChange ? 'Change' : 'Show'} ${rule.name}`} onClick={() => setEditing(rule)}>{mayChange ? 'Change' : 'Show'}</Button>,
  };
  const add = mayChange && <Button kind="primary small" icon="plus" onClick={() => setEditing('new')}>Write a rule</Button>;
  return (
    <>
      <PageHead title="Velocity rules" about="How often something may be attempted by one user, from one address or from one device. Your backend asks before it happens, and is counted exactly.">
        <ExportButton path={PATH} columns={COLUMNS} name="velocity-rules" />
        {add}
      </PageHead>
      <Card flush title="Rules" about="“Exceeded” counts live attempts of the last 7 days.">
        <PagedTable
          pages={pages}
          label="Velocity rules"
          columns={[...COLUMNS.filter((column) => column.head !== 'Window'), beyond, actions]}
          id={(rule) => rule.id}
          rowClass={(rule) => (rule.enabled ? '' : 'faded')}
          empty={
            <Empty title="No velocity rules yet" sample={CHECK}>
              <p>Say, for instance, that a user may try to log in 5 times in 15 minutes. Your backend asks with this call before each attempt, and is told whether it may be made.</p>
              {add}
            </Empty>
          }
        />
      </Card>
      {editing && <VelocityRuleForm path={PATH} rule={editing === 'new' ? undefined : editing} mayChange={mayChange} onClose={() => setEditing(undefined)} onDone={done} />}
    </>
  );
}
