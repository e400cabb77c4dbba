import { Agent, type Dispatcher, request } from 'undici'
import { z } from 'zod'
import type { ObjectStores, ServiceObjectStore } from '../services/objects.ts'
import { outOfReach, refused } from './failures.ts'
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

/** Ways to the storage with somebody's rights. */
interface Line {
  send(call: Call): Promise<Dispatcher.ResponseData>
  sendBytes(path: string, headers: Record<string, string>, bytes: AsyncIterable<Uint8Array>): Promise<Answer>
}

const mostConnections = 64

/** Supabase Storage over its REST interface (SUPABASE.md, section 2); uploads and downloads are streams with back pressure. */
export function supabaseStorage({ url, publishableKey, secretKey }: SupabaseStorageOptions): ObjectStores {
  const base = `${url}/storage/v1`
  const times = { connect: { timeout: 5000 }, headersTimeout: 120_000, bodyTimeout: 60_000 }
  const open = () => ({
    dispatcher: new Agent({ connections: mostConnections, ...times }),
    sender: openSender(mostConnections),
  })
  // Strangers read through `own`, as slowly as they like: they take no connection from those who are signed in.
  const [ofService, ofPeople] = [open(), open()]
  const storeFor = (apikey: string, token: string, { dispatcher, sender }: typeof ofService): ServiceObjectStore => {
    const credentials = { apikey, authorization: `Bearer ${token}` }
    return storeOn(base, {
      send: ({ path, headers, ...call }) =>
        request(`${base}${path}`, { ...call, dispatcher, headers: { ...credentials, ...headers } }).catch(outOfReach),
      sendBytes: (path, headers, bytes) =>
        sender(`${base}${path}`, { ...credentials, ...headers }, bytes).catch(outOfReach),
    })
  }
  return {
    own: storeFor(secretKey, secretKey, ofService),
    as: (accessToken) => storeFor(publishableKey, accessToken, ofPeople),
  }
}

const signed = z.object({ signedURL: z.string().startsWith('/') })
const signedUpload = z.object({ url: z.string().startsWith('/') })

function storeOn(base: string, { send, sendBytes }: Line): ServiceObjectStore {
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
      const response = await send({ method: 'GET', path: `/object/authenticated/${bucket}/${path}`, headers })
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
