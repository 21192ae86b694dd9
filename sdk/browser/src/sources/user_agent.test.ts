import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fakePage } from '../fake.ts';
import { userAgent } from './user_agent.ts';

it('is what the browser calls itself', () => assert.equal(userAgent(fakePage().page), 'Mozilla/5.0 (X11; Linux x86_64)'));
