import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fakePage } from '../fake.ts';
import { maxTouchPoints } from './touch.ts';

it('is what the browser says', () => assert.equal(maxTouchPoints(fakePage().page), 0));

it('is unknown where the browser does not say', () => assert.equal(maxTouchPoints(fakePage({ navigator: {} }).page), undefined));
