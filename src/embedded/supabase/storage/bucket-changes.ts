import type { z } from 'zod'
import { sqlState } from '../database.ts'
import { type bucketChangeBody, type newBucketBody, readAllowedTypes, readSizeLimit } from './bucket-input.ts'
import { getBucket } from './buckets.ts'
import type { Writer } from './caller.ts'
import type { Storage } from './context.ts'
import { fail, noSuchBucket, notEmpty } from './errors.ts'
import { isBucketName } from './names.ts'
import { allowDeletion, deleteObjects, listNamesAfter } from './objects.ts'
import { discard } from './removal.ts'

type Change = z.infer<typeof bucketChangeBody>

export async function createBucket(storage: Storage, writer: Writer, body: z.infer<typeof newBucketBody>) {
  const id = body.id ?? body.name
  if (!isBucketName(id) || !isBucketName(body.name)) {
    fail(400, 'InvalidBucketName', 'Bucket name invalid', 'Invalid Input')
  }
  const { size, types } = rulesIn(storage, body)
  const text = `insert into storage.buckets (id, name, owner_id, public, file_size_limit, allowed_mime_types)
    values ($1, $2, $3, $4, $5, $6)`
  const values = [id, body.name, writer.ownerId, body.public ?? false, size ?? null, types ?? null]
  await writer.session.transaction((tx) => tx.query(text, values))
  return { name: body.name }
}

/** What the body leaves out stays as it is; null lifts a rule. */
export async function updateBucket(storage: Storage, { session }: Writer, id: string, body: Change) {
  const { size, types } = rulesIn(storage, body)
  const text = `update storage.buckets b set public = coalesce($2, b.public), updated_at = now(),
      file_size_limit = case when $3 then $4 else b.file_size_limit end,
      allowed_mime_types = case when $5 then $6::text[] else b.allowed_mime_types end
    where b.id = $1 returning b.id`
  const values = [id, body.public ?? null, size !== undefined, size ?? null, types !== undefined, types ?? null]
  const updated = await session.transaction((tx) => tx.query(text, values))
  if (updated.length === 0) throw noSuchBucket()
  return { message: 'Successfully updated' }
}

/** Supabase does it later and says so; here it is done when the answer is given. */
export async function emptyBucket(storage: Storage, { session }: Writer, id: string) {
  await session.alone((tx) => getBucket(tx, id))
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from: string = after
    const { names, deleted } = await session.transaction(async (tx) => {
      const names = await listNamesAfter(tx, id, from)
      return { names, deleted: await deleteObjects(tx, id, names) }
    })
    await discard(storage, deleted)
    after = names.at(-1)
  }
  return { message: 'Empty bucket has been queued. Completion may take up to an hour.' }
}

export async function deleteBucket(storage: Storage, { session }: Writer, id: string) {
  await session.alone((tx) => getBucket(tx, id))
  const any = 'select from storage.objects o where o.bucket_id = $1 limit 1'
  if ((await storage.db.own.transaction((tx) => tx.query(any, [id]))).length > 0) throw notEmpty()
  const deleted = await session
    .transaction(async (tx) => {
      await allowDeletion(tx)
      return await tx.query('delete from storage.buckets b where b.id = $1 returning b.id', [id])
    })
    .catch((error) => {
      throw sqlState(error) === '23503' ? notEmpty() : error
    })
  if (deleted.length === 0) throw noSuchBucket()
  return { message: 'Successfully deleted' }
}

function rulesIn({ settings }: Storage, body: Change) {
  const { file_size_limit: size, allowed_mime_types: types } = body
  return {
    size: size == null ? size : readSizeLimit(size, settings.fileSizeLimit),
    types: types ? readAllowedTypes(types) : types,
  }
}
