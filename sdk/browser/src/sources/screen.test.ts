import assert from 'node:assert/strict';
import { it } from 'node:test';

import { fakePage } from '../fake.ts';
import { screenResolution, screenSize } from './screen.ts';

it('is measured in CSS pixels, with the ratio to those of the device', () => {
  assert.deepEqual(screenSize(fakePage().page), { width: 1920, height: 1080, pixelRatio: 1.5 });
});

it('is written width first', () => assert.equal(screenResolution(fakePage().page), '1920x1080'));
