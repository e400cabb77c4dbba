import { randomUUID } from 'node:crypto'
import type { Tx } from '../../../db/client.ts'
import { insertRemoval } from '../../../db/queries/file-removals.ts'
import { findAllowedTypes } from '../../../db/queries/uploads.ts'
import { storeContent } from '../../core/files/receive.ts'
import { allowedTypes, meantType, requireAllowed } from '../../core/files/type-rules.ts'
import type { ObjectStore } from '../../objects.ts'
import type { EffectContent, StoredContent } from './rule.ts'

/** A place in the storage for the bytes of one try of an effect, and what they may be. */
export interface KeptPlace {
  versionId: string
  path: string
  bytes: Uint8Array
  meantType: string | undefined
  allowedTypes: readonly string[]
}

/**
 * Keeps a place for bytes, and writes down at once that they are to be removed in an hour. Only the transaction that makes
 * them a file's takes that back, so that nothing stays of a try that was refused, failed or died.
 * @throws {DomainError} UNSUPPORTED_MEDIA_TYPE for a type that the company does not allow.
 */
export async function keepPlace(tx: Tx, companyId: string, content: EffectContent): Promise<KeptPlace> {
  const types = allowedTypes(await findAllowedTypes(tx, companyId))
  const meant = meantType(content.declaredType, content.filename)
  if (meant !== undefined) requireAllowed(meant, types)
  const versionId = randomUUID()
  const path = `${companyId}/${versionId}`
  await insertRemoval(tx, companyId, path)
  return { versionId, path, bytes: content.bytes, meantType: meant, allowedTypes: types }
}

/** @throws {DomainError} UNSUPPORTED_MEDIA_TYPE when the content is not what it says, UNAVAILABLE when the storage is away. */
export async function storeBytes(
  objects: ObjectStore,
  { versionId, bytes, ...place }: KeptPlace,
): Promise<StoredContent> {
  const found = await storeContent(objects, place, { bytes: whole(bytes), size: bytes.length, checksum: undefined })
  return { versionId, path: place.path, ...found }
}

// A copy, for its memory is given back behind it, and the effect may be tried again with its own.
async function* whole(bytes: Uint8Array) {
  yield new Uint8Array(bytes)
}
