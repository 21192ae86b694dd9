import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fakePage } from '../fake.ts';
import { deviceMemory } from './device_memory.ts';

it('is what the browser says', () => assert.equal(deviceMemory(fakePage().page), 16));

it('is unknown where the browser does not say', () => assert.equal(deviceMemory(fakePage({ navigator: {} }).page), undefined));
