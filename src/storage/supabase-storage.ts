import { Agent, type Dispatcher, request } from 'undici'
import { z } from 'zod'
import type { ObjectStores, ServiceObjectStore } from '../services/objects.ts'
import { outOfReach, refused } from './failures.ts'
import { type Account, Lanes } from './lanes.ts'
import { type Answer, openSender } from './sending.ts'

export interface SupabaseStorageOptions {
  /** The project's address, without `/storage/v1`. */
  url: string
  publishableKey: string
  secretKey: string
}

/** The bucket that the migrations make; its policies ask who may read and write a file. */
const bucket = 'studio-files'

interface Call {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  headers?: Record<string, string>
  body?: string
}

type Send = (call: Call) => Promise<Dispatcher.ResponseData>
type SendBytes = (path: string, headers: Record<string, string>, bytes: AsyncIterable<Uint8Array>) => Promise<Answer>

/** Ways to the storage with somebody's rights: for what is soon over, and for bytes, which go on for as long as somebody outside sends or takes them. */
interface Ways {
  call: Send
  read: Send
  sendBytes: SendBytes
}

const times = { connect: { timeout: 5000 }, headersTimeout: 120_000, bodyTimeout: 60_000 }
const laneLimits = { atOnce: 128, mostWaiting: 512, waitMs: 5000 }

/** Supabase Storage over its REST interface (SUPABASE.md, section 2); uploads and downloads are streams with back pressure. */
export function supabaseStorage({ url, publishableKey, secretKey }: SupabaseStorageOptions): ObjectStores {
  const base = `${url}/storage/v1`
  // Nobody outside can be slow on the connections for calls; how many streams there are is for the lanes to say.
  const [calls, streams, sender] = [new Agent({ ...times, connections: 64 }), new Agent(times), openSender()]
  const waysFor = (apikey: string, token: string): Ways => {
    const credentials = { apikey, authorization: `Bearer ${token}` }
    const sendOn =
      (dispatcher: Agent): Send =>
      ({ path, headers, ...call }) =>
        request(`${base}${path}`, { ...call, dispatcher, headers: { ...credentials, ...headers } }).catch(outOfReach)
    const sendBytes: SendBytes = (path, headers, bytes) =>
      sender(`${base}${path}`, { ...credentials, ...headers }, bytes).catch(outOfReach)
    return { call: sendOn(calls), read: sendOn(streams), sendBytes }
  }
  const ofService = waysFor(secretKey, secretKey)
  const [people, visitors, runs] = [new Lanes(laneLimits), new Lanes(laneLimits), new Lanes(laneLimits)]
  return {
    own: storeOn(base, ofService),
    as: (accessToken, userId) => storeOn(base, inLane(people, [person(userId)], waysFor(publishableKey, accessToken))),
    // What has come is read by the service alone, so that nobody outside can be slow with it.
    uploadsOf: (userId) => storeOn(base, { ...inLane(people, [person(userId)], ofService), read: ofService.read }),
    forVisitor: ({ address, linkHash }) => {
      const accounts = [`address ${address}`, `link ${linkHash}`].map((name) => ({ name, most: 16 }))
      return storeOn(base, inLane(visitors, accounts, ofService))
    },
    forRuns: storeOn(base, inLane(runs, [], ofService)),
  }
}

const person = (userId: string): Account => ({ name: `person ${userId}`, most: 16 })

// Whoever a stream is for, it goes on the account of the company as well whose bytes they are.
function inLane(lanes: Lanes, accounts: readonly Account[], { call, read, sendBytes }: Ways): Ways {
  const enter = (path: string) => lanes.enter([{ name: `company ${companyOf(path)}`, most: 48 }, ...accounts])
  return {
    call,
    read: async (one) => {
      const leave = await enter(one.path)
      try {
        const response = await read(one)
        response.body.once('close', leave)
        return response
      } catch (error) {
        leave()
        throw error
      }
    },
    sendBytes: async (path, headers, bytes) => {
      const leave = await enter(path)
      try {
        return await sendBytes(path, headers, bytes)
      } finally {
        leave()
      }
    },
  }
}

/** Bytes lie under their company's id. */
const companyOf = (path: string) => path.split(`/${bucket}/`, 2)[1]?.split('/', 1)[0] ?? ''

const signed = z.object({ signedURL: z.string().startsWith('/') })
const signedUpload = z.object({ url: z.string().startsWith('/') })

function storeOn(base: string, { call: send, read, sendBytes }: Ways): ServiceObjectStore {
  const json = async <Schema extends z.ZodType>(call: Call, answer: Schema): Promise<z.infer<Schema>> => {
    const response = await send({ ...call, headers: { 'content-type': 'application/json' } })
    if (response.statusCode >= 400) return await refuse(response)
    return answer.parse(await response.body.json())
  }
  return {
    put: async (path, bytes, { type, size }) => {
      const length = size === undefined ? {} : { 'content-length': String(size) }
      const headers = { 'content-type': type, 'cache-control': 'private, max-age=3600', ...length }
      const answer = await sendBytes(`/object/${bucket}/${path}`, headers, bytes)
      if (answer.status >= 400) refused(answer)
    },
    read: async (path, range) => {
      const headers = range ? { range: `bytes=${range.first}-${range.last ?? ''}` } : {}
      const response = await read({ method: 'GET', path: `/object/authenticated/${bucket}/${path}`, headers })
      if (response.statusCode >= 400) return await refuse(response)
      // Whoever lets go of the bytes before their end has heard of it; without a listener it would end the process.
      response.body.on('error', () => undefined)
      const size = Number(response.headers['content-length'])
      const type = String(response.headers['content-type'] ?? 'application/octet-stream')
      return { bytes: response.body, type, size: Number.isFinite(size) ? size : undefined }
    },
    link: async (path, { seconds, filename }) => {
      const body = JSON.stringify({ expiresIn: seconds })
      const { signedURL } = await json({ method: 'POST', path: `/object/sign/${bucket}/${path}`, body }, signed)
      return `${base}${signedURL}&download=${encodeURIComponent(filename)}`
    },
    uploadLink: async (path) => {
      const call = { method: 'POST', path: `/object/upload/sign/${bucket}/${path}`, body: '{}' } as const
      return `${base}${(await json(call, signedUpload)).url}`
    },
    remove: async (paths) => {
      const body = JSON.stringify({ prefixes: paths })
      await json({ method: 'DELETE', path: `/object/${bucket}`, body }, z.unknown())
    },
  }
}

async function refuse({ statusCode: status, body }: Dispatcher.ResponseData): Promise<never> {
  return refused({ status, text: await body.text().catch(() => '') })
}
