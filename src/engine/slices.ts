import { EngineUnavailable } from '../services/workflows/engine.ts'
import { expectAnswer, type SendToEngine } from './http.ts'
import { flags, slice } from './schemas.ts'

/** Outputs over 32 KB, which the engine keeps as files and shows as links. */
export interface Slices {
  fetch(output: unknown): Promise<unknown>
}

/**
 * Fetches the outputs behind links. A link leads to the engine's own address or to the public one that its flags name;
 * of any other only path and query are taken, and asked of the engine's own.
 */
export function engineSlices(http: SendToEngine, baseUrl: string): Slices {
  let publicOrigin: Promise<string | undefined> | undefined
  const addressOf = async (link: URL): Promise<URL> => {
    const own = new URL(baseUrl)
    if (link.origin === own.origin) return link
    publicOrigin ??= findPublicOrigin(http).catch((error) => {
      publicOrigin = undefined
      throw error
    })
    return link.origin === (await publicOrigin) ? link : new URL(`${link.pathname}${link.search}`, own.origin)
  }
  return {
    fetch: async (output) => {
      const link = slice.safeParse(output)
      if (!link.success)
        throw new EngineUnavailable('The engine gave no link to a large step output.', { cause: link.error })
      const path = await addressOf(new URL(link.data.url))
      const answer = await http({ method: 'GET', path, timeoutMs: 30_000 })
      if (answer.status === 200) return answer.body
      throw new EngineUnavailable(`A large step output could not be fetched from the engine: status ${answer.status}.`)
    },
  }
}

async function findPublicOrigin(http: SendToEngine): Promise<string | undefined> {
  const { PUBLIC_URL } = expectAnswer(await http({ method: 'GET', path: '/flags' }), flags, 'the look at its settings')
  return URL.parse(PUBLIC_URL ?? '')?.origin
}
