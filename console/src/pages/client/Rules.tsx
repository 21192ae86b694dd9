// The client's own points, thresholds and limits.

import type { ReactElement } from 'react';

import { RuleSettings, type Hits } from '../../components/RuleSettings';
import { PageHead } from '../../components/ui';
import { useGet } from '../../data';
import { useMay } from '../../session';
import type { Figures } from '../../types';
import { Enforcement } from './Enforcement';

export default function Rules(): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN');
  const figures = useGet<Figures>('/api/v1/client/figures?period=7d').data;
  return (
    <>
      <PageHead title="Rules" about="How your events of the ingest API are judged. What you do not set follows the installation’s defaults, also when they change." />
      <div className="stack">
        <Enforcement />
        <RuleSettings path="/api/v1/client/rules" mayChange={mayChange} below="the global rules" hits={figures && hitsOf(figures)} />
      </div>
    </>
  );
}

function hitsOf({ checks, scores }: Figures): Hits {
  const own = checks.filter((check) => check.dialect === 'ingest');
  const events = scores.filter((range) => range.dialect === 'ingest').reduce((sum, range) => sum + range.events, 0);
  return { events, byCode: new Map(own.map((check) => [check.code, check])) };
}
