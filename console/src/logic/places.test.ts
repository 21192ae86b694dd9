import { expect, it } from 'vitest';

import { places } from './places';

const SCREENS = [{ name: 'Rules', href: '/rules' }, { name: 'Custom rules', href: '/custom' }, { name: 'Lists', href: '/lists' }];
const names = (text: string, hasEvents = true) => places(text, SCREENS, hasEvents).map((place) => place.name);

it('finds screens by any part of their names', () => {
  expect(names('')).toEqual(['Rules', 'Custom rules', 'Lists']);
  expect(names(' RULE', false)).toEqual(['Rules', 'Custom rules']);
});

it('takes the text for what it looks like', () => {
  expect(names('cm0eavqas8ozv28')).toEqual(['Event cm0eavqas8ozv28']);
  expect(names('192.0.2.7')).toEqual(['Address 192.0.2.7', 'User 192.0.2.7']);
  expect(names('2001:db8::1')).toEqual(['Address 2001:db8::1', 'User 2001:db8::1']);
  expect(names('9632f0de8af891e8c7d1258395acc33f')[0]).toBe('Device 9632f0de8af891e8c7d1258395acc33f');
  expect(names('jane@example.com')).toEqual(['E-mail jane@example.com', 'User jane@example.com']);
  expect(names('user-1')).toEqual(['User user-1']);
  expect(places('a/b', [], true)[0]?.href).toBe('/client-admin/entities/user/a%2Fb');
});
