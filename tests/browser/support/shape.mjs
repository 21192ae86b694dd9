// Whether a JSON value has just the fields that a contract names, and of its types.

// `shape` maps fields to 'string', 'number', 'integer' or a nested shape; a '?' behind the name says that it may be absent.
export function faultsOf(value, shape, path = '') {
  const known = new Map(Object.entries(shape).map(([name, type]) => [name.replace('?', ''), [type, name.endsWith('?')]]));
  const surplus = Object.keys(value).filter((name) => !known.has(name)).map((name) => `${path}${name} is not in the contract`);
  const wrong = [...known].flatMap(([name, [type, isOptional]]) => {
    const field = value[name];
    if (field === undefined) return isOptional ? [] : [`${path}${name} is missing`];
    if (typeof type === 'object') return faultsOf(field, type, `${path}${name}.`);
    const isRight = type === 'integer' ? Number.isInteger(field) : typeof field === type && field !== '';
    return isRight ? [] : [`${path}${name} is ${JSON.stringify(field)}`];
  });
  return [...surplus, ...wrong];
}

export const DEVICE = {
  userAgent: 'string',
  screen: { width: 'number', height: 'number', pixelRatio: 'number' },
  timezone: 'string',
  language: 'string',
  'webglVendor?': 'string',
  'webglRenderer?': 'string',
  hardwareConcurrency: 'integer',
  'deviceMemory?': 'number',
  platform: 'string',
  clientFingerprint: 'string',
};

const INTEGERS = { formStartedAt: 'integer', formSubmittedAt: 'integer', keystrokeCount: 'integer' };

export function behaviorFaults({ mousePath, ...rest }) {
  const points = mousePath.flatMap((point, index) => faultsOf(point, { x: 'number', y: 'number', t: 'integer' }, `mousePath[${index}].`));
  const close = mousePath.slice(1).filter((point, index) => point.t - mousePath[index].t < 50).map(({ t }) => `a point at ${t} comes too soon`);
  const many = mousePath.length > 300 ? ['more than 300 points'] : [];
  return [...faultsOf(rest, INTEGERS), ...points, ...close, ...many];
}

export const FINGERPRINT = {
  user_agent: 'string',
  screen_resolution: 'string',
  timezone: 'string',
  language: 'string',
  platform: 'string',
  canvas_hash: 'string',
  webgl_hash: 'string',
};
