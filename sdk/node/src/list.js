// Lists, which the API gives page by page: `await` gives the first page, `for await` every item of all pages.

export function list(load, params = {}) {
  const first = load(params).then((answer) => new Page(load, params, answer));
  const items = async function* () {
    yield* await first;
  };
  return Object.assign(first, { [Symbol.asyncIterator]: items });
}

// The answer with all its fields, and the way to the next one.
class Page {
  #load;
  #params;

  constructor(load, params, answer) {
    Object.assign(this, answer);
    this.#load = load;
    this.#params = params;
  }

  // The page after this in the direction that was asked for, or null.
  async nextPage() {
    if (!this.has_more || !this.next_cursor) return null;
    const params = { ...this.#params, [this.#isBackwards() ? 'ending_before' : 'starting_after']: this.next_cursor };
    return new Page(this.#load, params, await this.#load(params));
  }

  // From the newest to the oldest; with `ending_before` the other way, away from where it began.
  async *[Symbol.asyncIterator]() {
    for (let page = this; page; page = await page.nextPage()) {
      yield* this.#isBackwards() ? [...page.data].reverse() : page.data;
    }
  }

  #isBackwards() {
    return (this.#params.ending_before ?? null) !== null;
  }
}
