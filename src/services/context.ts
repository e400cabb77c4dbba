import type { Tx } from '../db/client.ts'
import type { ObjectStore, ServiceObjectStore } from './objects.ts'
import type { CompanyEngines } from './workflows/company-engines.ts'

/** The person a request acts for, as the verified token names them. */
export interface Caller {
  userId: string
  sessionId: string
  email: string
  /** Seconds since 1970. */
  expiresAt: number
}

/** Rings when something was written about a run, or about any run of a company; made before the first look, so that nothing falls between the two. */
export interface Bell {
  /** Resolves at the next ring, or after `timeoutMs`, or when the signal aborts. */
  next(timeoutMs: number, signal: AbortSignal): Promise<void>
  close(): void
}

/** What a use case works with; it knows no transport and no driver. */
export interface ServiceContext {
  caller: Caller
  requestId: string
  /** The address under which clients reach the service. */
  publicUrl: string
  /** For reads: each query is a transaction of its own, in one network flight. */
  read<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** For a write that is one query: one network flight. */
  write<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** For writes: everything in `work` happens or nothing does. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** `id` is a run's or a company's. */
  bell(id: string): Bell
  /** Tells workers and watchers of a run that was just accepted; without it they find it by themselves, some seconds later. */
  ring(run: { id: string; companyId: string }): void
  /**
   * For what only functions of the worker's login may do, the vault for one, or giving up an upload: they check the caller by the
   * claims, which go along.
   */
  vouched<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /**
   * The same for a single call, in one network flight, at the end of what this request has begun: the caller's token may have run
   * out meanwhile. Whether the session still goes on, and what the person may do, is looked up as ever.
   */
  vouchedEnd<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** As the worker's login without claims, so without a question of rights: to take back what this request has begun. */
  takeBack<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  companyEngines: CompanyEngines
  /** The bytes of files, with the caller's rights. */
  objects: ObjectStore
  /** The bytes of uploads that are not ready, which nobody may read; the service's own rights. */
  uploads: Pick<ObjectStore, 'put' | 'read' | 'remove'>
  /** Links to the bytes of files, made with the service's own rights: the storage lets nobody make their own. */
  links: Pick<ServiceObjectStore, 'link'>
}
