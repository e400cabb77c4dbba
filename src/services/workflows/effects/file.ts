import { createHash } from 'node:crypto'
import { effectArguments } from '../../../contracts/effects.ts'
import type { Tx } from '../../../db/client.ts'
import { claimBytes } from '../../../db/queries/file-removals.ts'
import { ensureFolder, insertMadeFile, recordMadeFile } from '../../../db/queries/made-files.ts'
import { type EffectPlace, effectRule } from './rule.ts'

export const fileSave = effectRule({
  arguments: effectArguments['file.save'],
  role: 'member',
  contentOf: ({ filename, mimeType, content, contentBase64 = '' }) => ({
    filename,
    declaredType: mimeType,
    bytes: content === undefined ? Buffer.from(contentBase64, 'base64') : Buffer.from(content),
  }),
  apply: async (tx, place, { filename, folder = [], accessLevel, tags }) => {
    const { companyId, studioId, executionId, userId, stored } = place
    if (!stored || !(await claimBytes(tx, companyId, stored.path)))
      throw new Error('the bytes of an effect were not there when it was applied')
    const folderId = await folderOf(tx, place, folder)
    const id = fileIdOf(place)
    const file = { id, companyId, studioId, folderId, uploadedBy: userId, filename, accessLevel, tags }
    await insertMadeFile(tx, file, stored)
    await recordMadeFile(tx, executionId, file)
    const { size: fileSize, type: mimeType } = stored
    return { entity: 'file', id, before: null, after: { filename, folderId, fileSize, mimeType, accessLevel, tags } }
  },
})

async function folderOf(tx: Tx, { companyId, studioId, userId }: EffectPlace, names: string[]): Promise<string | null> {
  let parentId: string | null = null
  for (const name of names)
    parentId = await ensureFolder(tx, { companyId, studioId, createdBy: userId, parentId, name })
  return parentId
}

/** The same for an effect however often it is tried: a second file of it cannot be. */
export function fileIdOf({ executionId, ordinal }: Pick<EffectPlace, 'executionId' | 'ordinal'>): string {
  const digits = createHash('sha256').update(`${executionId}:${ordinal}`).digest('hex')
  // RFC 9562, 5.8: version 8, for ids made in a way of one's own.
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-a$4-$5')
}
