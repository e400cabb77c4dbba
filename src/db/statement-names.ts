import { randomBytes } from 'node:crypto'

const mostStatements = 200
const mostNames = 1000

/**
 * Under which names one connection keeps its prepared statements. They are drawn by chance: SQL that runs on the
 * connection can then neither run nor replace what it cannot name (docs/decisions/0001).
 */
export class StatementNames {
  readonly #secret = randomBytes(16).toString('hex')
  readonly #names = new Map<string, string>()
  readonly #prepared = new Set<string>()
  #given = 0

  /** The name for a statement; empty, which means unnamed, once the connection keeps enough of them. */
  nameOf(text: string): string {
    const known = this.#names.get(text)
    if (known !== undefined || this.#names.size >= mostStatements) return known ?? ''
    this.#given += 1
    const name = `${this.#secret}_${this.#given}`
    this.#names.set(text, name)
    return name
  }

  isPrepared(name: string): boolean {
    return this.#prepared.has(name)
  }

  /** The server has answered all these without an error, so it has them. */
  keep(texts: string[]): void {
    for (const name of texts.map((text) => this.nameOf(text))) if (name !== '') this.#prepared.add(name)
  }

  /** After an error it is not known which of these the server has: they get new names. */
  forget(texts: string[]): void {
    for (const text of texts) this.#names.delete(text)
  }

  /** Whether so many names were given that the connection should be replaced, and with it what the server keeps for it. */
  get isWorn(): boolean {
    return this.#given > mostNames
  }
}
