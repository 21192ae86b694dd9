// What the account used, what that costs, and the devices it saw last.

import type { ReactElement } from 'react';

import { withQuery } from '../../api';
import { DataSet, useMode } from '../../components/DataSet';
import { Table, saveCsv, type Column } from '../../components/Table';
import { Button, Card, Empty, PageHead, ProblemNote, Skeleton, Stat, Time } from '../../components/ui';
import { useGet } from '../../data';
import type { ScoredDevice, Stats } from '../../types';

const SCORE = `curl -X POST ${location.origin}/v1/risk/score \\
  -H 'X-FraudSense-Key: YOUR_KEY' -H 'Content-Type: application/json' \\
  -d '{"deviceId": "fs_a3f9b2c1d4e5", "sessionId": "sess_1", "eventType": "LOGIN"}'`;

const DEVICES: Column<ScoredDevice>[] = [
  { head: 'Device', cell: (device) => <code className="wrap">{device.deviceId}</code>, csv: (device) => device.deviceId },
  { head: 'Model', cell: (device) => [device.model, device.os].filter(Boolean).join(', ') || <span className="muted">not sent</span>, csv: (device) => device.model },
  { head: 'System', cell: () => null, csv: (device) => device.os },
  { head: 'Last seen', cell: (device) => <Time at={device.lastSeenAt} />, csv: (device) => device.lastSeenAt },
  { head: 'Sessions', number: true, cell: (device) => device.totalSessions, csv: (device) => device.totalSessions },
  { head: 'High risk', number: true, cell: (device) => device.highRiskCount, csv: (device) => device.highRiskCount },
  { head: 'Last score', number: true, cell: (device) => <>{device.lastRiskScore} <span className="muted">{device.lastRiskLevel}</span></>, csv: (device) => device.lastRiskScore },
];

export default function Usage(): ReactElement {
  const mode = useMode();
  const { data, problem, reload } = useGet<Stats>('/v1/dashboard/stats');
  const devices = useGet<{ devices: ScoredDevice[] }>(withQuery('/v1/dashboard/devices', { mode }));
  return (
    <>
      <PageHead title="Usage" about="Scored devices of the fraudsense API. 1,000 calls a month are free; each after them is $0.02." />
      <div className="stack">
        <ProblemNote problem={problem} onRetry={reload} />
        {!data && !problem && <Card flush><Skeleton /></Card>}
        {data && (
          <dl className="stats">
            <Stat name="Calls this month" more="UTC calendar month">{data.callsThisMonth.toLocaleString('en')}</Stat>
            <Stat name="Free calls left">{data.freeCallsRemaining.toLocaleString('en')}</Stat>
            <Stat name="Estimated bill" more="this month">${data.estimatedBill.toFixed(2)}</Stat>
            <Stat name="Calls ever">{data.totalCalls.toLocaleString('en')}</Stat>
          </dl>
        )}
        <ProblemNote problem={devices.problem} onRetry={devices.reload} />
        <Card flush title="Devices seen last" about="At most 50." actions={<><DataSet />{devices.data && devices.data.devices.length > 0 && <Button kind="small" icon="download" onClick={() => saveCsv('devices', DEVICES, devices.data?.devices ?? [])}>Export CSV</Button>}</>}>
          {!devices.data && !devices.problem && <Skeleton />}
          {devices.data?.devices.length === 0 && <Empty title={`No device was scored on ${mode} data`} sample={SCORE}><p>An app’s SDK, or your backend, asks for the score of a device with this call.</p></Empty>}
          {devices.data && devices.data.devices.length > 0 && <Table label="Devices seen last" columns={DEVICES.filter((column) => column.head !== 'System')} items={devices.data.devices} id={(device) => `${device.mode} ${device.deviceId}`} />}
        </Card>
      </div>
    </>
  );
}
