import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fakePage } from '../fake.ts';
import { platform } from './platform.ts';

it('is what the browser says', () => assert.equal(platform(fakePage().page), 'Linux x86_64'));

it('is unknown where the browser does not say', () => assert.equal(platform(fakePage({ navigator: {} }).page), undefined));
