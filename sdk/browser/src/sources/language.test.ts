import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fakePage } from '../fake.ts';
import { language } from './language.ts';

it('is what the browser says', () => assert.equal(language(fakePage().page), 'en-GB'));

it('is unknown where the browser does not say', () => assert.equal(language(fakePage({ navigator: {} }).page), undefined));
