import { expect, it } from 'vitest';

import type { EventSummary } from '../types';
import { neighbors } from './graph';

const event = (user: string | null, device: string | null, ip: string | null, email: string | null = null) => ({ user, device, ip, email }) as EventSummary;

it('counts the events that have both, without the center itself', () => {
  const events = [event('u1', 'd1', 'i1'), event('u2', 'd1', 'i1'), event('u1', null, 'i1')];
  expect(neighbors({ kind: 'ip', value: 'i1' }, events)).toEqual([
    { kind: 'device', value: 'd1', events: 2 },
    { kind: 'user', value: 'u1', events: 2 },
    { kind: 'user', value: 'u2', events: 1 },
  ]);
});

it('shows other spellings of a mailbox as neighbors', () => {
  const events = [event('u1', null, null, 'a@x.org'), event('u2', null, null, 'a+b@x.org')];
  expect(neighbors({ kind: 'email', value: 'a@x.org' }, events).map((each) => each.value)).toEqual(['a+b@x.org', 'u1', 'u2']);
});
