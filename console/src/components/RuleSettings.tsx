// Points, thresholds and limits: a client's own, and those for all.

import { useState, type ReactElement } from 'react';

import { request } from '../api';
import { useAction, useGet } from '../data';
import type { Rule, RuleSet } from '../types';
import { Table, saveCsv, type Column } from './Table';
import { toast } from './toast';
import { Button, Card, Field, ProblemNote, Skeleton } from './ui';

type Limits = RuleSet['limits'];
type Thresholds = RuleSet['thresholds'];
/** Null returns a value to the layer below. */
type RuleChange = { weight?: number | null; enabled?: boolean | null; mode?: Rule['mode'] | null };

interface Draft {
  thresholds: { [Key in keyof Thresholds]?: number };
  limits: { [Key in keyof Limits]?: number | null };
  rules: Record<string, RuleChange>;
}

const NOTHING: Draft = { thresholds: {}, limits: {}, rules: {} };

const LIMITS: [keyof Limits, string, string][] = [
  ['signupsPerIpPerHour', 'Signups per address', 'within an hour'],
  ['signupsPerDevicePerHour', 'Signups per device', 'within an hour'],
  ['accountsPerIp', 'Accounts per address', 'ever'],
  ['accountsPerDevice', 'Accounts per device', 'ever'],
  ['minCompletionMs', 'Shortest time to fill in the form', 'milliseconds'],
];

/** How often rules held among so many events of the last 7 days. */
export interface Hits {
  events: number;
  byCode: Map<string, { fired: number; watched: number }>;
}

export function RuleSettings({ path, mayChange, below, hits }: { path: string; mayChange: boolean; below: string; hits?: Hits | undefined }): ReactElement {
  const loaded = useGet<RuleSet>(path);
  const [draft, setDraft] = useState(NOTHING);
  const set = loaded.data;
  const save = useAction(async (change: object, done: string) => {
    loaded.set(await request<RuleSet>('PUT', path, change));
    setDraft(NOTHING);
    toast(done);
  });
  if (!set) return loaded.problem ? <ProblemNote problem={loaded.problem} onRetry={loaded.reload} /> : <Card flush><Skeleton lines={12} /></Card>;
  const changes = countChanges(draft);
  const edit = (code: string, change: RuleChange) => setDraft(withRule(draft, set, code, change));
  return (
    <div className="stack">
      <div className="columns">
        <Card title="Thresholds" about="The highest score of each decision. Above the second, the answer is BLOCK.">
          <ThresholdFields set={set} draft={draft} setDraft={setDraft} mayChange={mayChange} wrong={save.problem?.of('/thresholds')} />
        </Card>
        <Card title="Limits" about="The highest counts, and the shortest time, that are still fine.">
          <LimitFields set={set} draft={draft} setDraft={setDraft} mayChange={mayChange} wrong={(name) => save.problem?.of(`/limits/${name}`)} />
        </Card>
      </div>
      <Card
        flush
        title="Rules"
        about={`What a rule adds to the score when it fires. Shadow rules are recorded and never count. “Below” is the value of ${below}${hits ? ', and “Fired” counts the live events of the last 7 days' : ''}.`}
        actions={<Button kind="small" icon="download" onClick={() => saveCsv('rules', EXPORT, set.rules)}>Export CSV</Button>}
      >
        <Table label="Rules" columns={columns(draft, edit, mayChange, hits)} items={set.rules} id={(rule) => rule.code} rowClass={(rule) => (merged(rule, draft).enabled ? '' : 'faded')} />
      </Card>
      <ProblemNote problem={save.problem} />
      {mayChange && changes > 0 && (
        <div className="savebar" role="region" aria-label="Unsaved changes">
          <span>
            <strong>{changes}</strong> unsaved {changes === 1 ? 'change' : 'changes'}. They count from the next event.
          </span>
          <Button kind="push" onClick={() => setDraft(NOTHING)}>Discard</Button>
          <Button kind="primary" disabled={save.isRunning} onClick={() => void save.run(toChange(draft), 'Saved. The next event is judged by it.')}>Save changes</Button>
        </div>
      )}
      {mayChange && changes === 0 && (
        <div className="row">
          <Button onClick={() => void save.run(resetAll(set), `Everything follows ${below} again.`)} disabled={save.isRunning}>
            Return everything to {below}
          </Button>
        </div>
      )}
    </div>
  );
}

function countChanges(draft: Draft): number {
  return [draft.thresholds, draft.limits, ...Object.values(draft.rules)].reduce((sum, part) => sum + Object.keys(part).length, 0);
}

function toChange(draft: Draft): object {
  return {
    ...(Object.keys(draft.thresholds).length > 0 && { thresholds: draft.thresholds }),
    ...(Object.keys(draft.limits).length > 0 && { limits: draft.limits }),
    rules: Object.entries(draft.rules).map(([code, change]) => ({ code, ...change })),
  };
}

function resetAll(set: RuleSet): object {
  return { thresholds: null, limits: null, rules: set.rules.map(({ code }) => ({ code, weight: null, enabled: null, mode: null })) };
}

/** The draft with a change of one rule, but for what is as it was. */
function withRule(draft: Draft, set: RuleSet, code: string, change: RuleChange): Draft {
  const saved = set.rules.find((rule) => rule.code === code);
  const entries = Object.entries({ ...draft.rules[code], ...change }).filter(([name, value]) => saved?.[name as keyof RuleChange] !== value);
  const { [code]: _, ...others } = draft.rules;
  return { ...draft, rules: entries.length > 0 ? { ...others, [code]: Object.fromEntries(entries) } : others };
}

function merged(rule: Rule, draft: Draft): Rule {
  const change = draft.rules[rule.code] ?? {};
  return {
    ...rule,
    weight: change.weight === null ? rule.defaultWeight : (change.weight ?? rule.weight),
    enabled: change.enabled ?? rule.enabled,
    mode: change.mode ?? rule.mode,
  };
}

const EXPORT: Column<Rule>[] = [
  { head: 'Code', cell: () => null, csv: (rule) => rule.code },
  { head: 'Label', cell: () => null, csv: (rule) => rule.label },
  { head: 'Weight', cell: () => null, csv: (rule) => rule.weight },
  { head: 'Default weight', cell: () => null, csv: (rule) => rule.defaultWeight },
  { head: 'Enabled', cell: () => null, csv: (rule) => rule.enabled },
  { head: 'Mode', cell: () => null, csv: (rule) => rule.mode },
];

function columns(draft: Draft, edit: (code: string, change: RuleChange) => void, mayChange: boolean, hits: Hits | undefined): Column<Rule>[] {
  const fired: Column<Rule>[] = hits ? [{ head: `Fired, of ${hits.events.toLocaleString('en')}`, number: true, cell: (rule) => <Fired hits={hits} code={rule.code} /> }] : [];
  return [
    { head: 'Rule', cell: (rule) => rule.label },
    { head: 'Code', cell: (rule) => <code className="muted">{rule.code}</code> },
    {
      head: 'Weight',
      number: true,
      cell: (rule) => <NumberInput label={`Weight of ${rule.label}`} value={merged(rule, draft).weight} isDisabled={!mayChange} onChange={(weight) => edit(rule.code, { weight })} />,
    },
    ...fired,
    { head: 'Below', number: true, cell: (rule) => <span className="muted">{rule.defaultWeight}</span> },
    {
      head: 'On',
      cell: (rule) => (
        <label className="check">
          <input type="checkbox" disabled={!mayChange} checked={merged(rule, draft).enabled} aria-label={`${rule.label} is looked at`} onChange={(event) => edit(rule.code, { enabled: event.target.checked })} />
        </label>
      ),
    },
    {
      head: 'Mode',
      cell: (rule) => (
        <select className="input" disabled={!mayChange} aria-label={`Mode of ${rule.label}`} value={merged(rule, draft).mode} onChange={(event) => edit(rule.code, { mode: event.target.value as Rule['mode'] })}>
          <option value="live">Live</option>
          <option value="shadow">Shadow</option>
        </select>
      ),
    },
    {
      head: 'Reset', number: true,
      cell: (rule) =>
        mayChange && (
          <Button kind="small plain" aria-label={`Reset ${rule.label}`} disabled={merged(rule, draft).weight === rule.defaultWeight} onClick={() => edit(rule.code, { weight: null })}>
            Reset
          </Button>
        ),
    },
  ];
}

/** What counted, and what only watched. */
function Fired({ hits, code }: { hits: Hits; code: string }): ReactElement {
  const { fired, watched } = hits.byCode.get(code) ?? { fired: 0, watched: 0 };
  return (
    <>
      {fired > 0 || watched > 0 ? fired.toLocaleString('en') : <span className="muted">0</span>}
      {watched > 0 && <span className="muted small"> +{watched.toLocaleString('en')} in shadow</span>}
    </>
  );
}

function NumberInput({ label, value, isDisabled, onChange }: { label: string; value: number; isDisabled: boolean; onChange: (value: number) => void }): ReactElement {
  const [text, setText] = useState<string>();
  return (
    <input
      className="input number"
      type="number"
      step={1}
      aria-label={label}
      disabled={isDisabled}
      value={text ?? value}
      onChange={(event) => {
        setText(event.target.value);
        if (Number.isInteger(event.target.valueAsNumber)) onChange(event.target.valueAsNumber);
      }}
      onBlur={() => setText(undefined)}
    />
  );
}

interface PartProps {
  set: RuleSet;
  draft: Draft;
  setDraft: (draft: Draft) => void;
  mayChange: boolean;
}

function ThresholdFields({ set, draft, setDraft, mayChange, wrong }: PartProps & { wrong: string | undefined }): ReactElement {
  const { allowMax, monitorMax } = { ...set.thresholds, ...draft.thresholds };
  const field = (name: keyof Thresholds, label: string, value: number) => (
    <Field label={label} wrong={name === 'allowMax' ? wrong : undefined}>
      {(props) => (
        <input {...props} className="input number" type="number" disabled={!mayChange} value={value} onChange={(event) => setDraft({ ...draft, thresholds: without(draft.thresholds, name, event.target.valueAsNumber, set.thresholds[name]) })} />
      )}
    </Field>
  );
  return (
    <div className="stack">
      <div className="bands">
        <div className="badge-allow"><strong>ALLOW</strong><br />to {allowMax}</div>
        <div className="badge-challenge"><strong>MONITOR</strong><br />{allowMax + 1} to {monitorMax}</div>
        <div className="badge-block"><strong>BLOCK</strong><br />from {monitorMax + 1}</div>
      </div>
      <div className="row top">
        {field('allowMax', 'Highest ALLOW', allowMax)}
        {field('monitorMax', 'Highest MONITOR', monitorMax)}
      </div>
    </div>
  );
}

function LimitFields({ set, draft, setDraft, mayChange, wrong }: PartProps & { wrong: (name: string) => string | undefined }): ReactElement {
  return (
    <div className="limit-grid">
      {LIMITS.map(([name, label, unit]) => (
        <Field key={name} label={label} hint={unit} wrong={wrong(name)}>
          {(props) => (
            <input {...props} className="input number" type="number" min={0} disabled={!mayChange} value={draft.limits[name] ?? set.limits[name]} onChange={(event) => setDraft({ ...draft, limits: without(draft.limits, name, event.target.valueAsNumber, set.limits[name]) })} />
          )}
        </Field>
      ))}
    </div>
  );
}

/** `part` with this value, but not when it is the saved one or no whole number. */
function without<T extends object>(part: T, name: keyof T, value: number, saved: number): T {
  const { [name]: _, ...others } = part;
  return (Number.isInteger(value) && value !== saved ? { ...others, [name]: value } : others) as T;
}
