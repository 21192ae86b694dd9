// What goes over the wire. Times are RFC 3339 in UTC, durations `30s`, `15m`, `1h` or `30d`, scores 0 to 1000.

/** A word that is known, or another one. */
type Word<Known extends string> = Known | (string & {});

export type Level = 'low' | 'medium' | 'high' | 'critical';
export type Enforcement = 'enforce' | 'monitor';
export type Outcome = 'allow' | 'flag' | 'challenge' | 'review' | 'block';
export type Scope = 'user_id' | 'ip_address' | 'device_id';
export type Period = 'today' | '7d' | '30d' | '90d';
export type BlockType = 'device' | 'ip' | 'email' | 'phone' | 'document' | 'user';

export interface PageParams {
  /** 1 to 100; 20 when left out. */
  limit?: number | undefined;
  /** The id of an item: what is older. */
  starting_after?: string | undefined;
  /** The id of an item: what is newer, nearest first when iterated. */
  ending_before?: string | undefined;
}

export interface Deleted<Kind extends string> {
  id: string;
  object: Kind;
  deleted: boolean;
}

export interface Fingerprint {
  user_agent?: string | null | undefined;
  /** `1920x1080`. */
  screen_resolution?: string | null | undefined;
  /** `Africa/Casablanca`. */
  timezone?: string | null | undefined;
  language?: string | null | undefined;
  platform?: string | null | undefined;
  canvas_hash?: string | null | undefined;
  webgl_hash?: string | null | undefined;
  webgl_vendor?: string | null | undefined;
  webgl_renderer?: string | null | undefined;
  audio_hash?: string | null | undefined;
  fonts?: string | string[] | null | undefined;
  hardware_concurrency?: number | null | undefined;
  /** GiB. */
  device_memory?: number | null | undefined;
  pixel_ratio?: number | null | undefined;
  touch_points?: number | null | undefined;
  visitor_id?: string | null | undefined;
  device_id?: string | null | undefined;
  model?: string | null | undefined;
  is_emulator?: boolean | null | undefined;
  is_rooted?: boolean | null | undefined;
}

export interface DeviceRegistration {
  fingerprint: Fingerprint;
  ip_address: string;
  user_id?: string | null | undefined;
  session_id?: string | null | undefined;
}

export interface Device {
  id: string;
  object: 'device';
  risk_score: number;
  risk_level: Level;
  is_new: boolean;
  first_seen: string;
  last_seen: string;
  times_seen: number;
  is_blocked: boolean;
  would_block: boolean;
  signals: DeviceSignals;
  ip_analysis: IpAnalysis;
  linked_users: string[];
  linked_accounts: number;
  match: DeviceMatch | null;
  event_id: string;
}

export interface DeviceSignals {
  is_bot: boolean;
  is_emulator: boolean;
  is_vpn: boolean;
  is_proxy: boolean;
  is_tor: boolean;
  is_datacenter: boolean;
  timezone_mismatch: boolean;
}

export interface IpAnalysis {
  ip: string | null;
  country: string | null;
  city: string | null;
  isp: string | null;
  asn: number | null;
  is_vpn: boolean;
  vpn_provider: string | null;
  is_proxy: boolean;
  is_tor: boolean;
  is_datacenter: boolean;
}

export interface DeviceMatch {
  attributes: string[];
  confidence: number;
}

export interface HistoryParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
}

export interface DeviceEvent {
  event_id: string;
  type: string;
  created_at: string;
  user_id: string | null;
  ip_address: string | null;
  country: string | null;
  risk_score: number;
  risk_level: Level;
  decision: Outcome;
}

export interface LinkedAccounts {
  device_id: string;
  accounts: LinkedAccount[];
  linked_accounts: number;
}

export interface LinkedAccount {
  user_id: string;
  first_seen: string;
  last_seen: string;
  times_seen: number;
}

export interface DeviceBlockParams {
  reason: string;
  duration?: 'temporary' | 'permanent' | null | undefined;
  /** Seconds, or a duration; for a temporary block. */
  expires_in?: number | string | null | undefined;
}

export interface BlockedDevice extends Device {
  block: BlockOfDevice | null;
}

export interface BlockOfDevice {
  id: string;
  reason: string | null;
  duration: 'temporary' | 'permanent';
  created_at: string;
  expires_at: string | null;
}

export interface DuplicateSearch {
  type?: 'face' | 'document' | null | undefined;
  /** Base64 of a PNG, JPEG or WebP image. */
  image?: string | null | undefined;
  document_number?: string | null | undefined;
  document_image?: string | null | undefined;
  face_image?: string | null | undefined;
  /** 0 to 1; 0.85 when left out. */
  threshold?: number | null | undefined;
  verification_id?: string | null | undefined;
  user_id?: string | null | undefined;
}

export interface Duplicates {
  id: string;
  object: string;
  type: string;
  method: string;
  threshold: number;
  matches_found: boolean;
  duplicates_found: boolean;
  match_count: number;
  complete: boolean;
  verification_id: string | null;
  matches: DuplicateMatch[];
}

export interface DuplicateMatch {
  id: string;
  verification_id: string;
  user_id: string | null;
  same_user: boolean;
  type: string;
  /** 0 to 1. */
  similarity: number;
  created_at: string;
}

export interface DuplicateCluster {
  id: string;
  object: string;
  type: string;
  method: string;
  created_at: string;
  verifications: DuplicateMember[];
  risk_assessment: DuplicateRisk;
}

export interface DuplicateMember {
  verification_id: string;
  user_id: string | null;
  types: string[];
  similarity: number;
  created_at: string;
}

export interface DuplicateRisk {
  risk_score: number;
  risk_level: Level;
  distinct_users: number;
  reasons: string[];
}

export interface Identity {
  first_name: string;
  last_name: string;
  /** `1991-04-17`. */
  date_of_birth: string;
  document_number?: string | null | undefined;
  email?: string | null | undefined;
  phone?: string | null | undefined;
  user_id?: string | null | undefined;
}

export interface IdentityAnalysis {
  id: string;
  object: string;
  is_synthetic: boolean;
  confidence: number;
  risk_score: number;
  risk_level: Level;
  signals: string[];
}

export interface VelocityCheck {
  action: string;
  user_id?: string | null | undefined;
  ip_address?: string | null | undefined;
  device_id?: string | null | undefined;
  window?: string | null | undefined;
}

export interface VelocityResult {
  id: string;
  object: string;
  allowed: boolean;
  reason: Word<'velocity_exceeded' | 'cooldown'> | null;
  /** Seconds. */
  retry_after: number | null;
  would_block: boolean;
  counts: VelocityCounts;
  triggered_rules: TriggeredVelocityRule[];
  matched_rules: MatchedRule[];
  event_id: string;
}

export interface VelocityCounts {
  user_id: number | null;
  ip_address: number | null;
  device_id: number | null;
}

export interface TriggeredVelocityRule {
  id: string;
  name: string;
  scope: Scope;
  window: string;
  limit: number;
  count: number;
  on_exceed: Outcome;
  enforcement: Enforcement;
  would_block: boolean;
  retry_after: number;
}

export interface MatchedRule {
  id: string;
  name: string;
  action: Outcome;
  score_adjustment: number;
  monitored: boolean;
}

export interface NewVelocityRule {
  name: string;
  description?: string | null | undefined;
  action: string;
  limit: number;
  window: string;
  scope: Scope;
  on_exceed?: Exclude<Outcome, 'allow'> | null | undefined;
  /** The same as `on_exceed`. */
  response?: Exclude<Outcome, 'allow'> | null | undefined;
  cooldown?: string | null | undefined;
  enforcement?: Enforcement | null | undefined;
  enabled?: boolean | null | undefined;
}

export type VelocityRuleChange = Partial<NewVelocityRule>;

export interface VelocityRule {
  id: string;
  object: 'velocity_rule';
  name: string;
  description: string;
  action: string;
  limit: number;
  window: string;
  scope: Scope;
  on_exceed: Outcome;
  response: Outcome;
  cooldown: string | null;
  enforcement: Enforcement | null;
  enabled: boolean;
  created_at: string;
  updated_at: string;
}

export interface NewRule {
  name: string;
  description?: string | null | undefined;
  condition: string;
  action: Outcome;
  /** -1000 to 1000. */
  score_adjustment?: number | null | undefined;
  enabled?: boolean | null | undefined;
  enforcement?: Enforcement | null | undefined;
}

export type RuleChange = Partial<NewRule>;

export interface Rule {
  id: string;
  object: 'rule';
  name: string;
  description: string;
  condition: string;
  action: Outcome;
  score_adjustment: number;
  enabled: boolean;
  enforcement: Enforcement | null;
  version: number;
  created_at: string;
  updated_at: string;
}

export interface RuleTest {
  condition?: string | null | undefined;
  rule_id?: string | null | undefined;
  test_data?: object | null | undefined;
}

export interface RuleTestResult {
  matched: boolean;
  missing: string[];
  cost: number;
}

export interface NewBlock {
  type: BlockType;
  value: string;
  reason?: string | null | undefined;
  /** Seconds, or a duration; null is for ever. */
  expires_in?: number | string | null | undefined;
  expires_at?: string | null | undefined;
}

export interface Block {
  id: string;
  object: 'blocklist_entry';
  type: BlockType;
  value: string;
  reason: string | null;
  active: boolean;
  appeal_note: string | null;
  created_by: string;
  created_at: string;
  expires_at: string | null;
}

export interface BlockListParams extends PageParams {
  type?: BlockType | undefined;
}

/** One thing, or up to 100 in `checks`. */
export interface BlockCheck {
  type?: BlockType | null | undefined;
  value?: string | null | undefined;
  checks?: { type: BlockType; value: string }[] | null | undefined;
}

export interface BlockChecked {
  blocked: boolean;
  reason: string | null;
  results: CheckResult[];
}

export interface CheckResult {
  type: BlockType;
  value: string;
  blocked: boolean;
  reason: string | null;
  id: string | null;
  expires_at: string | null;
}

export interface Appeal {
  /** Null takes the note away. */
  note: string | null;
}

export type SignalType =
  | 'account_takeover' | 'identity_theft' | 'money_laundering' | 'chargeback' | 'document_fraud' | 'payment_fraud' | 'synthetic_identity'
  | 'bot' | 'fake_account' | 'friendly_fraud' | 'multi_accounting' | 'suspicious_activity' | 'other' | 'promo_abuse';

export interface NewSignal {
  type: Word<SignalType>;
  severity?: Level | null | undefined;
  user_id?: string | null | undefined;
  device_id?: string | null | undefined;
  verification_id?: string | null | undefined;
  ip_address?: string | null | undefined;
  description?: string | null | undefined;
  details?: object | null | undefined;
}

export interface Signal {
  id: string;
  object: 'fraud_signal';
  type: Word<SignalType>;
  severity: Level;
  status: 'pending' | 'confirmed' | 'dismissed';
  user_id: string | null;
  device_id: string | null;
  verification_id: string | null;
  ip_address: string | null;
  description: string | null;
  details: Record<string, unknown>;
  notes: string | null;
  event_id: string | null;
  created_at: string;
  updated_at: string;
  confirmed_at: string | null;
  dismissed_at: string | null;
}

export interface SignalListParams extends PageParams {
  status?: Signal['status'] | undefined;
  severity?: Level | undefined;
  type?: Word<SignalType> | undefined;
  user_id?: string | undefined;
}

export interface Notes {
  notes?: string | null | undefined;
}

export interface Review {
  id: string;
  object: 'review';
  status: 'open' | 'approved' | 'rejected';
  event_id: string;
  type: string;
  user_id: string | null;
  device_id: string | null;
  risk_score: number;
  risk_level: Level;
  decision: Outcome;
  triggered_rules: FiredRule[];
  signals: string[];
  reasons: string[];
  notes: string | null;
  resolved_by: string | null;
  created_at: string;
  resolved_at: string | null;
}

export interface FiredRule {
  id: string;
  name: string;
  action: Outcome;
}

export interface ReviewListParams extends PageParams {
  /** `open` when left out. */
  status?: Review['status'] | undefined;
}

export interface Resolution {
  /** `approve`: it was no fraud; `reject`: it was. */
  decision: 'approve' | 'reject';
  notes?: string | null | undefined;
}

export interface SettingsChange {
  enforcement: Enforcement;
}

export interface Settings {
  object: 'settings';
  enforcement: Enforcement;
}

export interface PeriodParams {
  /** `30d` when left out. */
  period?: Period | undefined;
}

export interface TrendParams extends PeriodParams {
  /** `daily` when left out. */
  granularity?: 'hourly' | 'daily' | 'weekly' | 'monthly' | undefined;
}

export interface Summary {
  object: string;
  period: Period;
  signals: SignalFigures;
  fraud_signals: number;
  /** 0 to 1. */
  false_positive_rate: number;
  by_type: Record<string, number>;
  by_severity: Record<string, number>;
  total_verifications: number;
  fraud_rate: number;
  events: number;
  blocked: number;
  challenged: number;
  reviewed: number;
  would_block: number;
  velocity_exceeded: number;
}

export interface SignalFigures {
  total: number;
  confirmed: number;
  dismissed: number;
  pending: number;
}

export interface Trends {
  object: string;
  period: Period;
  granularity: string;
  data: TrendItem[];
}

export interface TrendItem {
  date: string;
  signals: number;
  confirmed: number;
  dismissed: number;
  events: number;
  blocked: number;
  challenged: number;
  reviewed: number;
  would_block: number;
  velocity_exceeded: number;
}

export interface RuleAnalytics {
  object: string;
  period: Period;
  data: RuleFigures[];
}

export interface RuleFigures {
  id: string;
  name: string;
  kind: 'custom' | 'velocity';
  action: Outcome;
  enforcement: Enforcement | null;
  enabled: boolean;
  fired: number;
  would_block: number;
  blocked: number;
  confirmed: number;
  dismissed: number;
  false_positive_rate: number;
}

export interface Assessment {
  user_id?: string | null | undefined;
  event_type?: Word<'signup' | 'login' | 'payment' | 'withdrawal' | 'profile_update' | 'visit'> | null | undefined;
  device?: AssessedDevice | null | undefined;
  device_id?: string | null | undefined;
  /** What the device tells, or an id that a library computed. */
  fingerprint?: Fingerprint | string | null | undefined;
  ip_address?: string | null | undefined;
  email?: string | null | undefined;
  phone?: string | null | undefined;
  document_number?: string | null | undefined;
  /** Counted by the velocity rules for it. */
  action?: string | null | undefined;
  transaction?: Transaction | null | undefined;
  user?: AssessedUser | null | undefined;
  /** Rules read it as `metadata.…`. */
  metadata?: Record<string, unknown> | null | undefined;
}

export interface AssessedDevice {
  fingerprint?: Fingerprint | string | null | undefined;
  ip_address?: string | null | undefined;
  id?: string | null | undefined;
}

export interface Transaction {
  amount?: number | null | undefined;
  currency?: string | null | undefined;
}

export interface AssessedUser {
  age_days?: number | null | undefined;
  created_at?: string | null | undefined;
  verification_count?: number | null | undefined;
}

export interface AssessmentResult {
  id: string;
  object: string;
  decision: Outcome;
  would_block: boolean;
  risk_score: number;
  risk_level: Level;
  signals: string[];
  triggered_rules: TriggeredRule[];
  device_id: string | null;
  review_id: string | null;
  /** Seconds. */
  retry_after: number | null;
  created_at: string;
}

export interface TriggeredRule {
  id: string;
  name: string;
  action: Outcome;
  monitored: boolean;
}

export interface Verification {
  /** Base64 of a PNG, JPEG or WebP image. */
  document_front: string;
  document_back?: string | null | undefined;
  /** ISO 3166-1 alpha-2. */
  country: string;
  document_type?: string | null | undefined;
  /** All when left out. */
  checks?: ('ocr' | 'face_match' | 'liveness' | 'fraud')[] | null | undefined;
  /** async answers 201; the checks are made before the answer either way. */
  mode?: Word<'sync' | 'async'> | null | undefined;
  selfie?: string | null | undefined;
  document_number?: string | null | undefined;
  user_id?: string | null | undefined;
  device_id?: string | null | undefined;
  fingerprint?: Fingerprint | string | null | undefined;
  ip_address?: string | null | undefined;
  email?: string | null | undefined;
  phone?: string | null | undefined;
}

export interface VerificationResult {
  id: string;
  object: 'identity.verification';
  status: 'passed' | 'failed' | 'review';
  /** Those that were asked for. */
  checks: VerificationChecks;
  /** Null unless fraud was checked. */
  risk_score: number | null;
  risk_level: Level | null;
  user_id: string | null;
  country: string;
  document_type: string | null;
  livemode: boolean;
  review_id: string | null;
  created_at: string;
}

export interface VerificationChecks {
  ocr?: SkippedCheck;
  face_match?: SkippedCheck;
  liveness?: SkippedCheck;
  fraud?: FraudCheck;
}

export interface SkippedCheck {
  status: 'skipped';
  reason: string;
}

export interface FraudCheck {
  status: 'passed' | 'failed' | 'review';
  risk_score: number;
  duplicate_detected: boolean;
  device_risk: Level | 'unknown';
  signals: string[];
  would_block: boolean;
  triggered_rules: MatchedRule[];
  duplicates: VerificationDuplicate[];
  method: string;
}

export interface VerificationDuplicate {
  verification_id: string;
  user_id: string | null;
  same_user: boolean;
  type: string;
}

export interface WebhookMessage {
  id: string;
  type: Word<'fraud.signal.detected' | 'fraud.device.blocked' | 'fraud.rule.triggered' | 'fraud.review.opened' | 'webhook.test'>;
  created_at: string;
  livemode: boolean;
  data: Record<string, unknown>;
}
