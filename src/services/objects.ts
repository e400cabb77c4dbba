import type { Readable } from 'node:stream'

/** What is known of bytes that are read, or written. */
export interface Content {
  type: string
  /** Undefined where the length is not known beforehand. */
  size: number | undefined
}

/** Part of an object's bytes, both ends included; without `last` up to the end. */
export interface ByteRange {
  first: number
  last?: number
}

/**
 * Where the bytes of files are kept. Every call runs with the rights of whom the store was made for, checked again by the
 * storage's own policies; bytes are streamed and never held whole.
 * @throws {DomainError} FORBIDDEN, NOT_FOUND, PAYLOAD_TOO_LARGE, UNAVAILABLE when the storage cannot be reached.
 */
export interface ObjectStore {
  /**
   * Nothing can be read at `path` unless all bytes came and this resolved; where they fail on the way nothing is left. A chunk is
   * asked for once the one before is no longer needed.
   */
  put(path: string, bytes: AsyncIterable<Uint8Array>, content: Content): Promise<void>
  read(path: string, range?: ByteRange): Promise<Content & { bytes: Readable }>
  /** An address to which the bytes may be sent once with PUT, by whoever has it; open for two hours. */
  uploadLink(path: string): Promise<string>
  /** Paths at which there is nothing are passed over. */
  remove(paths: string[]): Promise<void>
}

/** The service's own way to the bytes: nobody's rights are asked, so whoever uses it has asked the database first. */
export interface ServiceObjectStore extends ObjectStore {
  /** A link that opens the bytes to everybody who has it, for so long; browsers save them under `filename`. */
  link(path: string, options: { seconds: number; filename: string }): Promise<string>
}

/** Somebody without an account, who has a link. */
export interface Visitor {
  address: string
  linkHash: string
}

/**
 * The same storage for everybody who works with it. Bytes go as fast as whoever sends or takes them, so each kind has room of its own
 * and each person, company, address and link a share of it: whoever is slow keeps none of the others from theirs.
 * @throws {DomainError} UNAVAILABLE from `put` and `read`, when no room came free in some seconds.
 */
export interface ObjectStores {
  /** For a signed-in person, with their rights. */
  as(accessToken: string, userId: string): ObjectStore
  /** For what that person has shown the right to upload, which the storage need not ask any more. */
  uploadsOf(userId: string): ObjectStore
  /** The rest with the service's own rights; this for its own work, which waits for nobody outside. */
  readonly own: ServiceObjectStore
  forVisitor(visitor: Visitor): ObjectStore
  /** For flows that read the files of their runs. */
  readonly forRuns: ObjectStore
}
