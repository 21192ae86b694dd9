// The client's own points, thresholds and limits.

import type { ReactElement } from 'react';

import { RuleSettings } from '../../components/RuleSettings';
import { PageHead } from '../../components/ui';
import { useMay } from '../../session';
import { Enforcement } from './Enforcement';

export default function Rules(): ReactElement {
  const mayChange = useMay('CLIENT_ADMIN');
  return (
    <>
      <PageHead title="Rules" about="How your events of the ingest API are judged. What you do not set follows the installation’s defaults, also when they change." />
      <div className="stack">
        <Enforcement />
        <RuleSettings path="/api/v1/client/rules" mayChange={mayChange} below="the global rules" />
      </div>
    </>
  );
}
