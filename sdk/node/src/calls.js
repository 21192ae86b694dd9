// Every call of the API, by the names that its guide uses.

import { list } from './list.js';

export function fraud(http) {
  const { get, post, put, remove, page } = verbs(http);
  const path = (strings, ...ids) => `/v1/fraud${fill(strings, ids)}`;
  return {
    devices: {
      register: (params, options) => post(path`/devices`, params, options),
      retrieve: (id, options) => get(path`/devices/${id}`, undefined, options),
      history: (id, params, options) => page(path`/devices/${id}/history`, params, options),
      linkedAccounts: (id, options) => get(path`/devices/${id}/linked-accounts`, undefined, options),
      block: (id, params, options) => post(path`/devices/${id}/block`, params, options),
      unblock: (id, options) => remove(path`/devices/${id}/block`, options),
    },
    duplicates: {
      search: (params, options) => post(path`/duplicates/search`, params, options),
      retrieve: (id, options) => get(path`/duplicates/${id}`, undefined, options),
    },
    synthetic: {
      analyze: (params, options) => post(path`/synthetic/analyze`, params, options),
    },
    velocity: {
      check: (params, options) => post(path`/velocity/check`, params, options),
      rules: {
        create: (params, options) => post(path`/velocity/rules`, params, options),
        list: (params, options) => page(path`/velocity/rules`, params, options),
        retrieve: (id, options) => get(path`/velocity/rules/${id}`, undefined, options),
        update: (id, params, options) => put(path`/velocity/rules/${id}`, params, options),
        delete: (id, options) => remove(path`/velocity/rules/${id}`, options),
      },
    },
    rules: {
      create: (params, options) => post(path`/rules`, params, options),
      list: (params, options) => page(path`/rules`, params, options),
      retrieve: (id, options) => get(path`/rules/${id}`, undefined, options),
      update: (id, params, options) => put(path`/rules/${id}`, params, options),
      delete: (id, options) => remove(path`/rules/${id}`, options),
      test: (params, options) => post(path`/rules/test`, params, options),
    },
    blocklist: {
      add: (params, options) => post(path`/blocklist`, params, options),
      list: (params, options) => page(path`/blocklist`, params, options),
      check: (params, options) => post(path`/blocklist/check`, params, options),
      remove: (id, options) => remove(path`/blocklist/${id}`, options),
      appeal: (id, params, options) => post(path`/blocklist/${id}/appeal`, params, options),
    },
    signals: {
      report: (params, options) => post(path`/signals`, params, options),
      list: (params, options) => page(path`/signals`, params, options),
      retrieve: (id, options) => get(path`/signals/${id}`, undefined, options),
      confirm: (id, params, options) => post(path`/signals/${id}/confirm`, params, options),
      dismiss: (id, params, options) => post(path`/signals/${id}/dismiss`, params, options),
    },
    reviews: {
      list: (params, options) => page(path`/reviews`, params, options),
      retrieve: (id, options) => get(path`/reviews/${id}`, undefined, options),
      resolve: (id, params, options) => post(path`/reviews/${id}/resolve`, params, options),
    },
    settings: {
      retrieve: (options) => get(path`/settings`, undefined, options),
      update: (params, options) => put(path`/settings`, params, options),
    },
    analytics: {
      summary: (params, options) => get(path`/analytics/summary`, params, options),
      trends: (params, options) => get(path`/analytics/trends`, params, options),
      rules: (params, options) => get(path`/analytics/rules`, params, options),
    },
    assess: (params, options) => post(path`/assess`, params, options),
  };
}

export function identity(http) {
  return { verify: (params, options) => verbs(http).post('/v1/identity/verify', params, options) };
}

function verbs(http) {
  const get = (path, query, options) => http.request('GET', path, { query, options });
  return {
    get,
    post: (path, body, options) => http.request('POST', path, { body, options }),
    put: (path, body, options) => http.request('PUT', path, { body, options }),
    remove: (path, options) => http.request('DELETE', path, { options }),
    page: (path, params, options) => list((query) => get(path, query, options), params),
  };
}

// A path with ids in it. An id that is none would name another path.
function fill(strings, ids) {
  const escaped = ids.map((id) => {
    if (typeof id !== 'string' || /^\.{0,2}$/.test(id)) throw new TypeError('the id must be a text that is not empty');
    return encodeURIComponent(id);
  });
  return String.raw({ raw: strings }, ...escaped);
}
