// Live or test data: part of a screen's address, and kept on the way to other screens that have both.

import type { ReactElement } from 'react';

import { useQuery } from '../router';
import type { Mode } from '../types';
import { Field } from './ui';

/** The data set that the address asks for. */
export function useMode(): Mode {
  const [query] = useQuery();
  return query.get('mode') === 'test' ? 'test' : 'live';
}

export function DataSet(): ReactElement {
  const [, change] = useQuery();
  const mode = useMode();
  return (
    <Field label="Data">
      {(props) => (
        <select {...props} className="input" value={mode} onChange={(event) => change({ mode: event.target.value === 'test' ? 'test' : '' })}>
          <option value="live">Live</option>
          <option value="test">Test</option>
        </select>
      )}
    </Field>
  );
}
