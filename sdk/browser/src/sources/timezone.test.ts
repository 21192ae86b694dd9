import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fakePage } from '../fake.ts';
import { timezone } from './timezone.ts';

it('is the IANA name', () => assert.equal(timezone(fakePage().page), 'Europe/London'));

it('is asked for as browsers answer', () => assert.match(timezone(fakePage({ Intl }).page) ?? '', /^[\w+/-]+$/));
