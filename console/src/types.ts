// What the management API sends. The server describes every field at /docs.

export type Role = 'SUPER_ADMIN' | 'CLIENT_ADMIN' | 'ANALYST' | 'VIEWER';

export interface User {
  id: string;
  email: string;
  role: Role;
  tenant: string | null;
}

export interface Session {
  user: User | null;
  companyName: string | null;
  csrfToken: string | null;
  mayRegister: boolean;
}

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export type Decision = 'allow' | 'flag' | 'challenge' | 'review' | 'block';
export type Mode = 'live' | 'test';

export interface Outcome {
  outcome: string;
  at: string;
  notes: string | null;
}

export interface EventSummary {
  id: string;
  at: string;
  mode: Mode;
  dialect: string;
  type: string;
  decision: Decision;
  score: number;
  band: string;
  fired: string[];
  user: string | null;
  email: string | null;
  ip: string | null;
  countryCode: string | null;
  device: string | null;
  outcome: Outcome | null;
}

export type CheckStatus = 'fired' | 'quiet' | 'unknown' | 'disabled' | 'shadow_fired' | 'shadow_quiet';

export interface Check {
  code: string;
  label: string;
  signal: string;
  status: CheckStatus;
  weight: number;
  points: number;
  detail: string | null;
}

export type FactValue = string | number | boolean;

export interface EventDetail extends EventSummary {
  assessed: Decision | null;
  policy: string;
  checks: Check[];
  adjustment: number;
  /** What would have been decided if nothing were only watched. */
  would: Decision;
  /** What labels taught of the rules that fired. */
  learned: { code: string; label: string; points: number; labels: number }[];
  session: string | null;
  clientReports: { at: string; report: unknown }[];
  facts: Record<string, FactValue>;
  missing: Record<string, string>;
  enrichUs: number;
  evaluateUs: number;
}

export interface Client {
  slug: string;
  name: string;
  status: 'active' | 'suspended';
  rateLimitPerMinute: number | null;
  requestsPer15Min: number | null;
  createdAt: string;
}

export interface Teammate {
  id: string;
  email: string;
  role: Exclude<Role, 'SUPER_ADMIN'>;
  status: 'active' | 'disabled';
  createdAt: string;
}

export interface ApiKey {
  id: string;
  name: string;
  key?: string;
  prefix: string;
  dialect: string;
  mode: Mode;
  scopes: string[];
  allowedIps: string[];
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  status: 'active' | 'revoked' | 'expired';
}

export interface Rule {
  code: string;
  label: string;
  weight: number;
  defaultWeight: number;
  enabled: boolean;
  mode: 'live' | 'shadow';
}

export interface RuleSet {
  thresholds: { allowMax: number; monitorMax: number };
  limits: {
    signupsPerIpPerHour: number;
    signupsPerDevicePerHour: number;
    accountsPerIp: number;
    accountsPerDevice: number;
    minCompletionMs: number;
  };
  rules: Rule[];
}

/** `enforced` acts although the client only watches. */
export type RuleMode = 'live' | 'shadow' | 'enforced';

export interface VelocityRule {
  id: string;
  name: string;
  description: string;
  action: string;
  limit: number;
  window: string;
  scope: 'user_id' | 'ip_address' | 'device_id';
  onExceed: Exclude<Decision, 'allow'>;
  cooldown: string | null;
  enabled: boolean;
  mode: RuleMode;
  createdAt: string;
  updatedAt: string;
}

export interface CustomRule {
  id: string;
  name: string;
  description: string;
  condition: string;
  action: Decision;
  scoreAdjustment: number;
  enabled: boolean;
  mode: RuleMode;
  version: number;
  createdAt: string;
  updatedAt: string;
}

export interface RuleVariable {
  name: string;
  type: 'bool' | 'int' | 'float' | 'text';
  unit: string;
  doc: string;
}

export interface RuleTrial {
  matched: boolean;
  missing: string[];
  cost: number;
}

export interface ListEntry {
  id: string;
  list: 'block' | 'allow' | 'watch';
  kind: 'user' | 'device' | 'ip' | 'email' | 'phone' | 'document';
  value: string;
  mode: Mode;
  reason: string | null;
  author: string;
  createdAt: string;
  expiresAt: string | null;
  appeal: string | null;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: { id: string; name: string | null; role: string };
  client: string | null;
  action: string;
  target: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  requestId: string;
  ip: string | null;
}

export interface Reputation {
  items: unknown[];
  updatedAt: string | null;
  version: number;
}

export interface Stats {
  totalCalls: number;
  callsThisMonth: number;
  freeCallsRemaining: number;
  estimatedBill: number;
}

/** A device of the fraudsense API. */
export interface ScoredDevice {
  deviceId: string;
  model: string | null;
  os: string | null;
  lastSeenAt: string;
  totalSessions: number;
  lastRiskScore: number;
  lastRiskLevel: string;
  highRiskCount: number;
  mode: Mode;
}

export interface Review {
  id: string;
  mode: Mode;
  status: 'open' | 'approved' | 'rejected';
  event: EventSummary;
  openedAt: string;
  notes: string | null;
  resolvedBy: string | null;
  resolvedAt: string | null;
}

export interface Signal {
  id: string;
  mode: Mode;
  type: string;
  severity: 'low' | 'medium' | 'high' | 'critical';
  status: 'pending' | 'confirmed' | 'dismissed';
  description: string | null;
  user: string | null;
  device: string | null;
  ip: string | null;
  verification: string | null;
  details: Record<string, unknown>;
  notes: string | null;
  event: string | null;
  author: string;
  createdAt: string;
  decidedBy: string | null;
  decidedAt: string | null;
}

export interface Webhook {
  id: string;
  url: string;
  description: string;
  types: string[];
  enabled: boolean;
  createdAt: string;
  updatedAt: string;
}

export interface Delivery {
  id: string;
  type: string;
  subject: string;
  mode: Mode;
  state: 'pending' | 'delivered' | 'failed';
  attempts: number;
  createdAt: string;
  nextAttemptAt: string | null;
  lastAttemptAt: string | null;
  lastStatus: number | null;
  lastError: string | null;
  lastDurationMs: number | null;
  endedAt: string | null;
}

export interface TrustModel {
  mode: Mode;
  version: number;
  hash: string;
  rules: { code: string; label: string | null; points: number | null; learned: number; labels: number; adds: number }[];
}

export interface TrustVersion {
  version: number;
  hash: string;
  createdAt: string;
  cause: string;
}

/** RFC 9457. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  request_id: string;
  errors?: { pointer: string; message: string }[];
  retryable: boolean;
}

/** µs; at most an eighth too much. */
export interface Latency {
  count: number;
  p50Us: number;
  p95Us: number;
  p99Us: number;
}

export interface CheckFigures {
  dialect: string;
  code: string;
  fired: number;
  watched: number;
  confirmed: number;
  dismissed: number;
}

export interface ScoreRange {
  dialect: string;
  from: number;
  to: number | null;
  events: number;
}

export interface Figures {
  period: string;
  mode: Mode;
  intervals: { from: string; events: number; flagged: number; blocked: number; challenged: number; reviewed: number; wouldBlock: number; confirmed: number; dismissed: number }[];
  rules: { id: string; name: string; kind: 'custom' | 'velocity'; fired: number; blocked: number; wouldBlock: number; confirmed: number; dismissed: number }[];
  checks: CheckFigures[];
  scores: ScoreRange[];
  latency: Latency | null;
}
