// The types of the client; shapes.d.ts has what goes over the wire.

import type * as wire from './shapes.js';

export type * from './shapes.js';

export interface TxCloudOptions {
  /** `txc_live_…` or `txc_test_…`. */
  apiKey: string;
  /** Where the server is, without `/v1`; `http://127.0.0.1:8080` when left out. */
  baseUrl?: string | URL | undefined;
  /** How long one attempt may take, ms; 30,000 when left out. */
  timeoutMs?: number | undefined;
  /** How many attempts more are made when one fails; 2 when left out. */
  maxRetries?: number | undefined;
  /** The longest wait that the server may ask for before a retry, ms; 10,000 when left out. Above it the error is thrown. */
  maxRetryDelayMs?: number | undefined;
  /** In place of the global one. */
  fetch?: typeof fetch | undefined;
}

/** For one call. */
export interface CallOptions {
  signal?: AbortSignal | undefined;
  timeoutMs?: number | undefined;
  maxRetries?: number | undefined;
  maxRetryDelayMs?: number | undefined;
  /** 10 to 255 characters, for a POST that you may send again yourself; a random one when left out. */
  idempotencyKey?: string | undefined;
}

/** One page of a list. */
export interface Page<T> extends AsyncIterable<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  next_cursor: string | null;
  /** The next page in the direction that was asked for; null after the last. */
  nextPage(): Promise<Page<T> | null>;
}

/** `await` gives the first page, `for await` every item of all pages. */
export type List<T, P = Page<T>> = Promise<P> & AsyncIterable<T>;

export interface HistoryPage extends Page<wire.DeviceEvent> {
  device_id: string;
}

type Call<P, R> = (params: P, options?: CallOptions) => Promise<R>;
type CallOf<P, R> = (id: string, params: P, options?: CallOptions) => Promise<R>;
type Retrieve<R> = (id: string, options?: CallOptions) => Promise<R>;
type ListCall<P, R> = (params?: P, options?: CallOptions) => List<R>;

export interface Fraud {
  devices: {
    register: Call<wire.DeviceRegistration, wire.Device>;
    retrieve: Retrieve<wire.Device>;
    history(id: string, params?: wire.HistoryParams, options?: CallOptions): List<wire.DeviceEvent, HistoryPage>;
    linkedAccounts: Retrieve<wire.LinkedAccounts>;
    block: CallOf<wire.DeviceBlockParams, wire.BlockedDevice>;
    unblock: Retrieve<wire.BlockedDevice>;
  };
  duplicates: {
    search: Call<wire.DuplicateSearch, wire.Duplicates>;
    retrieve: Retrieve<wire.DuplicateCluster>;
  };
  synthetic: {
    analyze: Call<wire.Identity, wire.IdentityAnalysis>;
  };
  velocity: {
    check: Call<wire.VelocityCheck, wire.VelocityResult>;
    rules: {
      create: Call<wire.NewVelocityRule, wire.VelocityRule>;
      list: ListCall<wire.PageParams, wire.VelocityRule>;
      retrieve: Retrieve<wire.VelocityRule>;
      update: CallOf<wire.VelocityRuleChange, wire.VelocityRule>;
      delete: Retrieve<wire.Deleted<'velocity_rule'>>;
    };
  };
  rules: {
    create: Call<wire.NewRule, wire.Rule>;
    list: ListCall<wire.PageParams, wire.Rule>;
    retrieve: Retrieve<wire.Rule>;
    update: CallOf<wire.RuleChange, wire.Rule>;
    delete: Retrieve<wire.Deleted<'rule'>>;
    test: Call<wire.RuleTest, wire.RuleTestResult>;
  };
  blocklist: {
    add: Call<wire.NewBlock, wire.Block>;
    list: ListCall<wire.BlockListParams, wire.Block>;
    check: Call<wire.BlockCheck, wire.BlockChecked>;
    remove: Retrieve<wire.Deleted<'blocklist_entry'>>;
    appeal: CallOf<wire.Appeal, wire.Block>;
  };
  signals: {
    report: Call<wire.NewSignal, wire.Signal>;
    list: ListCall<wire.SignalListParams, wire.Signal>;
    retrieve: Retrieve<wire.Signal>;
    confirm(id: string, params?: wire.Notes, options?: CallOptions): Promise<wire.Signal>;
    dismiss(id: string, params?: wire.Notes, options?: CallOptions): Promise<wire.Signal>;
  };
  reviews: {
    list: ListCall<wire.ReviewListParams, wire.Review>;
    retrieve: Retrieve<wire.Review>;
    resolve: CallOf<wire.Resolution, wire.Review>;
  };
  settings: {
    retrieve(options?: CallOptions): Promise<wire.Settings>;
    update: Call<wire.SettingsChange, wire.Settings>;
  };
  analytics: {
    summary(params?: wire.PeriodParams, options?: CallOptions): Promise<wire.Summary>;
    trends(params?: wire.TrendParams, options?: CallOptions): Promise<wire.Trends>;
    rules(params?: wire.PeriodParams, options?: CallOptions): Promise<wire.RuleAnalytics>;
  };
  /** Everything that is known of an action, judged at once. */
  assess: Call<wire.Assessment, wire.AssessmentResult>;
}

export declare class TxCloud {
  constructor(options: TxCloudOptions);
  readonly fraud: Fraud;
  readonly identity: { verify: Call<wire.Verification, wire.VerificationResult> };
  readonly webhooks: { verify: typeof verifyWebhook };
}

/** The headers of a request: an object as Node has it, or `Headers`. */
export type WebhookHeaders = Record<string, string | string[] | undefined> | Headers;

export interface WebhookOptions {
  /** Which signature counts. `txcloud` does not cover the time: who has a message can send it again. */
  scheme?: 'standard' | 'txcloud' | undefined;
  /** How far the message's time may be from this machine's, seconds; 300 when left out. */
  toleranceSeconds?: number | undefined;
  /** The time to compare with, ms since 1970. */
  now?: number | Date | undefined;
}

/** Gives the message when it is from the server and new, and throws a `WebhookError` otherwise. */
export declare function verifyWebhook(
  payload: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string,
  options?: WebhookOptions,
): wire.WebhookMessage;

/** What went wrong; null is what is not known. */
export declare class TxCloudError extends Error {
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null;
  readonly type: string;
  readonly code: string | null;
  /** The first parameter that is wrong. */
  readonly param: string | null;
  /** Finds the request in the server's log. */
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;
}

export declare class ValidationError extends TxCloudError {}
export declare class AuthenticationError extends TxCloudError {}
export declare class AuthorizationError extends TxCloudError {}
export declare class NotFoundError extends TxCloudError {}
export declare class ConflictError extends TxCloudError {}
export declare class IdempotencyError extends TxCloudError {}
export declare class RateLimitError extends TxCloudError {}
export declare class ApiError extends TxCloudError {}
export declare class ConnectionError extends TxCloudError {}
export declare class WebhookError extends TxCloudError {}
