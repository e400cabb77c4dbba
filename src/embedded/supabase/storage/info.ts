import type { StoredObject } from './objects.ts'

/** An object's data sheet. */
export function infoOf(object: StoredObject): object {
  const { id, name, version, bucket_id, metadata, user_metadata, created_at } = object
  return {
    id,
    name,
    version,
    bucket_id,
    size: metadata.size,
    content_type: metadata.mimetype,
    cache_control: metadata.cacheControl,
    etag: metadata.eTag,
    ...(metadata.contentEncoding ? { content_encoding: metadata.contentEncoding } : {}),
    metadata: user_metadata ?? {},
    last_modified: metadata.lastModified,
    created_at,
  }
}
