import type { Queryable, Storage } from './context.ts'
import { noSuchBucket } from './errors.ts'
import { requireBucketId } from './names.ts'

export interface Bucket {
  id: string
  name: string
  owner: string
  public: boolean
  type: string
  created_at: Date
  updated_at: Date
  file_size_limit: number | null
  allowed_mime_types: string[] | null
}

export interface BucketQuery {
  limit: number
  offset: number
  sortColumn: 'id' | 'name' | 'created_at' | 'updated_at'
  sortOrder: 'asc' | 'desc'
  search: string
}

const columns = `b.id, b.name, coalesce(b.owner_id, '') as owner, b.public, b.type, b.created_at, b.updated_at,
  b.file_size_limit::float8, b.allowed_mime_types`

export async function findBucket(tx: Queryable, id: string): Promise<Bucket | undefined> {
  const [bucket] = await tx.query<Bucket>(`select ${columns} from storage.buckets b where b.id = $1`, [id])
  return bucket
}

export async function getBucket(tx: Queryable, id: string): Promise<Bucket> {
  const bucket = await findBucket(tx, id)
  if (!bucket) throw noSuchBucket()
  return bucket
}

/** What a bucket demands of its objects, whether or not the caller may see the bucket. */
export function rulesOf({ db }: Storage, id: string): Promise<Bucket> {
  return db.own.alone((tx) => getBucket(tx, requireBucketId(id)))
}

export function listBuckets(tx: Queryable, query: BucketQuery): Promise<Bucket[]> {
  const text = `select ${columns} from storage.buckets b
    where $3 = '' or strpos(lower(b.name), lower($3)) > 0
    order by b.${query.sortColumn} ${query.sortOrder}, b.id limit $1 offset $2`
  return tx.query<Bucket>(text, [query.limit, query.offset, query.search])
}
