import { formatMessages, type Message, transform } from 'esbuild'
import { isObject } from '../json.ts'

const rememberedSources = 500

export class CompilationError extends Error {}

/** TypeScript or JavaScript to the CommonJS that the machine runs; each text is compiled once. */
export class Compiler {
  readonly #compiled = new Map<string, Promise<string>>()

  compile(code: string): Promise<string> {
    const known = this.#compiled.get(code)
    if (known !== undefined) return known
    const oldest = this.#compiled.size >= rememberedSources ? this.#compiled.keys().next().value : undefined
    if (oldest !== undefined) this.#compiled.delete(oldest)
    const compiled = compile(code)
    this.#compiled.set(code, compiled)
    return compiled
  }
}

async function compile(code: string): Promise<string> {
  try {
    const result = await transform(code, {
      loader: 'ts',
      format: 'cjs',
      target: 'es2022',
      sourcefile: 'index.ts',
      logLevel: 'silent',
    })
    return result.code
  } catch (error) {
    const lines = await formatMessages(messagesOf(error), { kind: 'error' })
    throw new CompilationError(`Compilation Error ${lines.join('\n').trim() || String(error)}`)
  }
}

function messagesOf(error: unknown): Message[] {
  return isObject(error) && Array.isArray(error['errors']) ? error['errors'] : []
}
