import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { queryValue } from './auth/call.ts'
import type { KeyRing } from './key-ring.ts'
import { isSameSecret, type SupabaseKeys } from './keys.ts'

interface GatewayOptions {
  keys: SupabaseKeys
  ring: KeyRing
  now(): number
}

type Role = 'anon' | 'service_role'

class KeyError extends Error {
  readonly hint: string
  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

// Links in mails and what anybody may know are opened without a key.
const open = ['/auth/v1/verify', '/auth/v1/callback', '/auth/v1/authorize', '/auth/v1/.well-known/', '/auth/v1/health']

// Storage opens public objects and signed links to everybody, and asks for a token itself everywhere else.
const mayComeWithoutKey = '/storage/v1/'

/**
 * What stands before Supabase's services: an API key is asked for, and a key that is no token is replaced by a token of
 * its role wherever the request carries no other.
 */
export async function guardWithApiKey(app: FastifyInstance, options: GatewayOptions): Promise<void> {
  const tokens = { anon: await roleToken(options, 'anon'), service_role: await roleToken(options, 'service_role') }
  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'OPTIONS' || open.some((path) => request.url.startsWith(path))) return
    if (request.url.startsWith(mayComeWithoutKey) && !apiKeyOf(request)) return
    try {
      const role = await roleOf(options, request)
      if (needsToken(request)) request.headers.authorization = `Bearer ${tokens[role]}`
    } catch (error) {
      if (error instanceof KeyError) return refuse(reply, error)
      throw error
    }
  })
}

async function roleOf({ keys, ring, now }: GatewayOptions, request: FastifyRequest): Promise<Role> {
  const key = apiKeyOf(request)
  if (!key) throw new KeyError('No API key found in request', 'No `apikey` request header or url param was found.')
  const bearer = request.headers.authorization?.replace(/^bearer /i, '') ?? ''
  if (bearer.startsWith('sb_') && !isSameSecret(bearer, key)) throw invalidKey()
  if (isSameSecret(key, keys.publishableKey)) return 'anon'
  if (isSameSecret(key, keys.secretKey)) return requireNoBrowser(request)
  return await legacyRole(ring, key, now())
}

async function legacyRole(ring: KeyRing, key: string, now: number): Promise<Role> {
  const claims = await ring.verify(key, now).catch(() => undefined)
  const role = claims?.['role']
  if (claims?.sub === undefined && (role === 'anon' || role === 'service_role')) return role
  throw invalidKey()
}

function requireNoBrowser(request: FastifyRequest): Role {
  if (!/mozilla/i.test(request.headers['user-agent'] ?? '')) return 'service_role'
  const hint = 'Secret API keys can only be used in a protected environment and should never be used in a browser.'
  throw new KeyError('Forbidden use of secret API key in browser', hint)
}

function needsToken(request: FastifyRequest): boolean {
  const { authorization } = request.headers
  return authorization ? /^bearer sb_/i.test(authorization) : apiKeyOf(request)?.startsWith('sb_') === true
}

function apiKeyOf(request: FastifyRequest): string | undefined {
  const { apikey } = request.headers
  if (typeof apikey === 'string') return apikey
  return queryValue(request, 'apikey')
}

function invalidKey(): KeyError {
  return new KeyError('Invalid API key', 'Double check your Supabase API key.')
}

function refuse(reply: FastifyReply, { message, hint }: KeyError): FastifyReply {
  return reply.code(401).send({ message, hint })
}

// Never leaves this process: it lives as long as the process may.
function roleToken({ ring, now }: GatewayOptions, role: Role): Promise<string> {
  const iat = Math.floor(now() / 1000)
  return ring.sign({ iss: 'supabase', ref: 'embedded', role, iat, exp: iat + 10 * 365 * 86_400 })
}
