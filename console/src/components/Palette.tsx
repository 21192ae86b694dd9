// Ctrl K: go to a screen, or look up an event, user, address or device by what one has at hand.

import { useEffect, useId, useState, type KeyboardEvent, type ReactElement } from 'react';

import { places, type Place } from '../logic/places';
import { navigate } from '../router';
import { Icon } from './icons';
import { Button, Dialog } from './ui';

export function Palette({ screens, hasEvents }: { screens: Place[]; hasEvents: boolean }): ReactElement {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'k') return;
      event.preventDefault();
      // Not over another window: what is begun there comes first.
      if (!document.querySelector('dialog[open]')) setOpen(true);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return (
    <>
      <Button kind="small search" onClick={() => setOpen(true)}>
        <Icon name="search" /> Go to… <kbd className="push">Ctrl K</kbd>
      </Button>
      {isOpen && <Finder screens={screens} hasEvents={hasEvents} onClose={() => setOpen(false)} />}
    </>
  );
}

function Finder({ screens, hasEvents, onClose }: { screens: Place[]; hasEvents: boolean; onClose: () => void }): ReactElement {
  const id = useId();
  const [text, setText] = useState('');
  const [picked, setPicked] = useState(0);
  const found = places(text, screens, hasEvents);
  const chosen = Math.min(picked, found.length - 1);
  const go = (place: Place | undefined) => {
    if (!place) return;
    onClose();
    navigate(place.href);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) setPicked((chosen + step + found.length) % found.length);
    else if (event.key === 'Enter') go(found[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <input
        className="input"
        role="combobox"
        aria-label={hasEvents ? 'A screen, or the id of an event, user or device, or an address' : 'A screen'}
        aria-expanded={found.length > 0}
        aria-controls={`${id}-list`}
        aria-activedescendant={found.length > 0 ? `${id}-${chosen}` : undefined}
        autoFocus
        autoComplete="off"
        placeholder={hasEvents ? 'A screen, an event, a user, an address…' : 'A screen'}
        value={text}
        onChange={(event) => (setText(event.target.value), setPicked(0))}
        onKeyDown={press}
      />
      <ul className={found.length > 0 ? 'suggest places' : 'hidden'} id={`${id}-list`} role="listbox" aria-label="Places">
        {found.map((place, index) => (
          <li key={place.href} id={`${id}-${index}`} role="option" aria-selected={index === chosen} onClick={() => go(place)}>
            <span className="wrap">{place.name}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="muted">Nothing is called that.</p>}
    </Dialog>
  );
}
