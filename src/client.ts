import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
  TRPCClientError,
} from '@trpc/client'
import { EventSource } from 'eventsource'
import type { unbatched as unbatchedPaths } from './contracts/executions.ts'
import type { AppRouter } from './routers/index.ts'

export { type FileUpload, type NewFile, type NextVersion, uploadFile } from './client-uploads.ts'
export type { AppRouter }

/** How to reach Studios AI. */
export interface StudiosClientOptions {
  /** Address of the API, such as `https://studios.example.com`. */
  url: string
  /** The access token of the signed-in user, asked for at each call; undefined while nobody is signed in. */
  accessToken?: () => string | undefined | Promise<string | undefined>
  /** Where calls should not go through the global `fetch`. */
  fetch?: typeof globalThis.fetch
}

type LinkFetch = NonNullable<NonNullable<Parameters<typeof httpLink>[0]>['fetch']>

export type StudiosClient = TRPCClient<AppRouter>

/** What `data` of an error holds; `issues` lists every fault of an input with its place. */
export interface StudiosErrorData {
  code: string
  httpStatus: number
  issues: { path: string; message: string }[]
  requestId?: string
}

// Only its type comes from the contract: the client brings no validation along.
const unbatched: typeof unbatchedPaths = ['executions.start', 'executions.replay']

// The server takes at most 100 calls in one batch, and an address has to fit into what proxies let through.
const batchLimits = { maxItems: 50, maxURLLength: 8000 }

/** The typed client of every procedure. Calls made at the same moment travel together. */
export function createStudiosClient(options: StudiosClientOptions): StudiosClient {
  const url = `${options.url.replace(/\/+$/, '')}/trpc`
  const headers = async (): Promise<Record<string, string>> => {
    const token = await options.accessToken?.()
    return token ? { authorization: `Bearer ${token}` } : {}
  }
  const send = options.fetch ?? globalThis.fetch
  // tRPC describes fetch's options in a type of its own, which names the same fields.
  const http = { url, headers, fetch: send as LinkFetch }
  const watching = async (input: string | URL, init: RequestInit) =>
    send(input, { ...init, headers: { ...init.headers, ...(await headers()) } })
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({ url, EventSource, eventSourceOptions: { fetch: watching as never } }),
        // A run's input may be large, and only the unbatched address takes it.
        false: splitLink({
          condition: (op) => unbatched.some((path) => path === op.path),
          true: httpLink(http),
          false: httpBatchLink({ ...http, ...batchLimits }),
        }),
      }),
    ],
  })
}

/** What the server said of a failed call; undefined when the error came from somewhere else. */
export function studiosError(error: unknown): (StudiosErrorData & { message: string }) | undefined {
  if (!(error instanceof TRPCClientError)) return undefined
  const data: unknown = error.data
  return isErrorData(data) ? { ...data, message: error.message } : undefined
}

function isErrorData(data: unknown): data is StudiosErrorData {
  return typeof data === 'object' && data !== null && 'code' in data && 'httpStatus' in data
}
