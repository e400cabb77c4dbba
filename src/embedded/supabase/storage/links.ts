import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { jwtVerify } from 'jose'
import { z } from 'zod'
import { fail } from './errors.ts'
import type { Place } from './names.ts'

const linkClaims = z.object({
  url: z.string(),
  scope: z.enum(['download', 'upload']),
  owner: z.string().optional(),
  upsert: z.boolean().optional(),
  transformations: z.string().optional(),
  exp: z.number(),
})

type LinkClaims = z.infer<typeof linkClaims>

/** Opens one object, for one purpose, to whoever holds the link. */
export interface Links {
  sign(claims: Omit<LinkClaims, 'exp'>, seconds: number): string
  /** What a link for this object and purpose says; throws when it is none, or none any more. */
  verify(token: string, scope: LinkClaims['scope'], place: Place): Promise<LinkClaims>
}

/** Links are signed with a key of their own, so that no link is a token and no token a link. */
export function createLinks(secretKey: string, now: () => number): Links {
  const key = new Uint8Array(hkdfSync('sha256', secretKey, '', 'storage links', 32))
  return {
    sign: (claims, seconds) => {
      const issuedAt = Math.floor(now() / 1000)
      const text = `${header}.${encode({ ...claims, iat: issuedAt, exp: issuedAt + seconds })}`
      return `${text}.${macOf(text, key).toString('base64url')}`
    },
    verify: async (token, scope, place) => {
      const claims = readOwn(token, key, now()) ?? (await read(token, key, now()))
      if (claims.url !== pathOf(place) || claims.scope !== scope) fail(400, 'InvalidSignature', 'Invalid signature')
      return claims
    },
  }
}

export function pathOf({ bucketId, name }: Place): string {
  return `${bucketId}/${name}`
}

const header = encode({ alg: 'HS256', typ: 'JWT' })

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function macOf(text: string, key: Uint8Array): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** What a link that is good says; its own arithmetic, for jose's takes a turn in the thread pool. What is not good is left to jose. */
function readOwn(token: string, key: Uint8Array, now: number): LinkClaims | undefined {
  const [first = '', payload = '', signature = '', ...more] = token.split('.')
  const given = Buffer.from(signature, 'base64url')
  if (first !== header || more.length > 0 || given.length !== 32) return undefined
  if (!timingSafeEqual(given, macOf(`${first}.${payload}`, key))) return undefined
  const claims = linkClaims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString())).data
  return claims && claims.exp * 1000 > now ? claims : undefined
}

async function read(token: string, key: Uint8Array, now: number): Promise<LinkClaims> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], currentDate: new Date(now) })
    return linkClaims.parse(payload)
  } catch (error) {
    fail(400, 'InvalidJWT', error instanceof z.ZodError ? 'Invalid JWT' : messageOf(error))
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Invalid JWT'
}
