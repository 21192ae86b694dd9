import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fakePage } from '../fake.ts';
import { hardwareConcurrency } from './hardware_concurrency.ts';

it('is what the browser says', () => assert.equal(hardwareConcurrency(fakePage().page), 8));

it('is unknown where the browser does not say', () => assert.equal(hardwareConcurrency(fakePage({ navigator: {} }).page), undefined));
