// Requests to the management API, as the session of this page.

import type { ProblemBody } from './types';

/** An answer that is an error, in words. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly requestId = '',
    readonly errors: { pointer: string; message: string }[] = [],
  ) {
    super(detail);
  }

  /** What is wrong with a field, when that is known; a sentence. */
  of(pointer: string): string | undefined {
    const error = this.errors.find((each) => each.pointer === pointer);
    return error && sentence(error.message);
  }
}

function sentence(message: string): string {
  return /^[A-Z]/.test(message) ? message : `This ${message}.`;
}

let csrfToken: string | null = null;
let sessionLost: () => void = () => {};

/** Sets the token that changing requests carry. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Says what to do when the server does not know the session any more. */
export function onSessionLost(callback: () => void): void {
  sessionLost = callback;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Sends a request; throws a `Problem` unless it succeeds. */
export async function request<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrfToken) headers['X-CSRF-Token'] = csrfToken;
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body: body === undefined ? null : JSON.stringify(body), signal: signal ?? null });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Problem(0, 'The server can not be reached. Check the connection, and try again.');
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  const problem = await readProblem(response);
  if (problem.status === 401 && path !== '/console/session') sessionLost();
  throw problem;
}

async function readProblem(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as Partial<ProblemBody> & { error?: { message?: string } };
  const detail = body.detail ?? body.error?.message ?? `The server answered with ${response.status}.`;
  const wait = response.headers.get('Retry-After');
  const text = response.status === 429 && wait ? `${detail} Try again in ${wait} s.` : detail;
  return new Problem(response.status, text, body.request_id ?? '', body.errors ?? []);
}

/** A path with a query of those parameters that have a value. */
export function withQuery(path: string, params: Record<string, string | number | null | undefined>): string {
  const entries = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== '');
  const query = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
  return query ? `${path}?${query}` : path;
}
