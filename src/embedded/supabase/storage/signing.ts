import { z } from 'zod'
import { key, nullable } from './body.ts'
import { rulesOf } from './buckets.ts'
import type { Writer } from './caller.ts'
import type { Storage } from './context.ts'
import type { Session } from './database.ts'
import { readContent } from './incoming.ts'
import { pathOf } from './links.ts'
import { type Place, requireKey } from './names.ts'
import { getObject, listNames, writeObject } from './objects.ts'
import { draftOf } from './upload.ts'

const expiresIn = z.number().int().min(1).max(3_155_760_000)

export const signBody = z.object({ expiresIn, transform: nullable(z.record(z.string(), z.unknown())) })
export const signManyBody = z.object({ expiresIn, paths: z.array(key).min(1).max(1000) })

/** Makes a link for whoever may see the object; it opens the object to everybody who has it. */
export async function signDownload(storage: Storage, session: Session, place: Place, body: z.infer<typeof signBody>) {
  await session.alone((tx) => getObject(tx, { ...place, name: requireKey(place.name) }))
  const { expiresIn: seconds, transform } = body
  if (transform && Object.keys(transform).length > 0) {
    const transformations = Object.entries(transform).map(([name, value]) => `${name}:${String(value)}`)
    const claims = { url: pathOf(place), scope: 'download' as const, transformations: transformations.join(',') }
    return { signedURL: `/render/image/sign/${pathOf(place)}?token=${storage.links.sign(claims, seconds)}` }
  }
  return { signedURL: downloadLink(storage, place, seconds) }
}

export async function signDownloads(
  storage: Storage,
  session: Session,
  bucketId: string,
  { paths, expiresIn: seconds }: z.infer<typeof signManyBody>,
) {
  const visible = await session.alone((tx) => listNames(tx, bucketId, paths))
  const sign = (path: string) =>
    visible.has(path)
      ? { error: null, path, signedURL: downloadLink(storage, { bucketId, name: path }, seconds) }
      : { error: 'Either the object does not exist or you do not have access to it', path, signedURL: null }
  return paths.map(sign)
}

/** Makes a link with which somebody else may upload in the name of whoever asks for it. */
export async function signUpload(storage: Storage, writer: Writer, place: Place, upsert: boolean) {
  requireKey(place.name)
  await rulesOf(storage, place.bucketId)
  const draft = draftOf(writer, place, readContent({}), undefined)
  await writer.session.rehearsal((tx) => writeObject(tx, upsert ? 'upsert' : 'create', draft))
  const owner = writer.ownerId ? { owner: writer.ownerId } : {}
  const claims = { url: pathOf(place), scope: 'upload' as const, upsert, ...owner }
  const token = storage.links.sign(claims, storage.settings.uploadLinkSeconds)
  return { url: `/object/upload/sign/${pathOf(place)}?token=${token}`, token }
}

function downloadLink({ links }: Storage, place: Place, seconds: number): string {
  const token = links.sign({ url: pathOf(place), scope: 'download' }, seconds)
  return `/object/sign/${pathOf(place)}?token=${token}`
}
