import { z } from 'zod'

const answer = z.looseObject({ token: z.string(), platformId: z.string().nullish() })

/** Opens the engine's first account and platform, as its own set-up page would; a second time it changes nothing. */
export async function openEngineAccount(url: string, account: { email: string; password: string }): Promise<void> {
  const signUp = await post(url, '/authentication/sign-up', {
    ...account,
    firstName: 'Studios',
    lastName: 'AI',
    trackEvents: false,
    newsLetter: false,
  })
  const signedIn = signUp.status === 200 ? signUp : await post(url, '/authentication/sign-in', account)
  if (signedIn.status !== 200)
    throw new Error(`The embedded engine refused its own account with status ${signedIn.status}.`)
  const { token, platformId } = answer.parse(await signedIn.json())
  if (platformId) return
  const platform = await post(url, '/platforms', { name: 'Studios AI' }, token)
  if (!platform.ok) throw new Error(`The embedded engine made no platform: status ${platform.status}.`)
}

function post(url: string, path: string, body: object, token?: string): Promise<Response> {
  return fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
}
