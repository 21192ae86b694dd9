// Whether a rule that a client wrote counts.

import type { ReactElement } from 'react';

import type { RuleMode } from '../types';
import { Field } from './ui';

const ABOUT: Record<RuleMode, string> = {
  live: 'It counts, unless the client only watches.',
  shadow: 'It is recorded, and never counts.',
  enforced: 'It counts although the client only watches.',
};

export function RuleModeField({ value, isDisabled, onChange }: { value: RuleMode; isDisabled: boolean; onChange: (mode: RuleMode) => void }): ReactElement {
  return (
    <Field label="Mode" hint={ABOUT[value]}>
      {(props) => (
        <select {...props} className="input" disabled={isDisabled} value={value} onChange={(event) => onChange(event.target.value as RuleMode)}>
          <option value="shadow">Shadow</option>
          <option value="live">Live</option>
          <option value="enforced">Enforced</option>
        </select>
      )}
    </Field>
  );
}

export function RuleState({ rule }: { rule: { enabled: boolean; mode: RuleMode } }): ReactElement {
  if (!rule.enabled) return <span className="badge">Off</span>;
  if (rule.mode === 'shadow') return <span className="badge flag">Shadow</span>;
  return <span className="badge allow">{rule.mode === 'live' ? 'Live' : 'Enforced'}</span>;
}
