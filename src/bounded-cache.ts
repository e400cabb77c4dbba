/** Remembers the newest values; the oldest makes room when there are too many. */
export class BoundedCache<Key, Value> {
  readonly #values = new Map<Key, Value>()
  readonly #largest: number

  constructor(largest: number) {
    this.#largest = largest
  }

  get size(): number {
    return this.#values.size
  }

  get(key: Key): Value | undefined {
    return this.#values.get(key)
  }

  set(key: Key, value: Value): void {
    this.#values.delete(key)
    for (const oldest of this.#values.keys()) {
      if (this.#values.size < this.#largest) break
      this.#values.delete(oldest)
    }
    this.#values.set(key, value)
  }

  delete(key: Key): void {
    this.#values.delete(key)
  }
}
