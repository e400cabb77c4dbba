import { type RunFile, upsertGivenFiles } from '../../db/queries/run-files.ts'
import { findInput, type WorkItem } from '../../db/queries/work.ts'
import { hashOfToken, newToken } from '../tokens.ts'
import type { StartPayload } from './engine.ts'
import { findFiles, unreadable } from './file-inputs.ts'
import { type FileInput, filesIn } from './file-places.ts'
import { fileTokenMark } from './masking.ts'
import type { WorkerContext } from './worker-context.ts'

/** The files that an attempt is given, each with its link; or why it may not be given them. */
export type Handed = { files: StartPayload['files'] } | { refusal: string }

/**
 * Makes the links by which an attempt's flow reads the files of its run, when whoever started the run may read them at this
 * moment. A link opens one file, in the version of this moment, for one run, for as long as that goes on; only its hash is
 * kept. It stays the same when the run is taken up again at its failed step: the engine then goes on with the first payload.
 */
export async function handFilesOver(ctx: WorkerContext, work: WorkItem): Promise<Handed> {
  return ctx.transaction(async (tx) => {
    const found = await findInput(tx, work.id)
    const named = filesIn(found?.inputSchema, found?.input)
    const readable = await findFiles(tx, { companyId: work.companyId, ...(found && { userId: found.userId }) }, named)
    const [lost] = unreadable(named, readable)
    if (lost) return { refusal: refusalOf(lost) }
    const tokens = new Map(readable.map(({ id }) => [id, `${fileTokenMark}${newToken()}`]))
    const given = readable.map(({ id, version }) => ({
      id,
      version,
      property: named.find(({ fileId }) => fileId === id)?.property ?? '',
      tokenHash: hashOfToken(tokens.get(id) ?? ''),
    }))
    if (given.length > 0) await upsertGivenFiles(tx, work, given)
    return { files: named.flatMap((file) => handed(ctx, work, file, readable, tokens)) }
  })
}

function handed(
  { settings }: WorkerContext,
  { id: executionId }: WorkItem,
  { property, fileId }: FileInput,
  readable: RunFile[],
  tokens: Map<string, string>,
): StartPayload['files'] {
  const file = readable.find(({ id }) => id === fileId)
  const token = tokens.get(fileId)
  if (!file || !token) return []
  const url = `${settings.callbackUrl}/files/runs/${executionId}/${fileId}?token=${token}`
  return [{ property, id: fileId, name: file.filename, type: file.mimeType, size: file.fileSize, url }]
}

function refusalOf({ property }: FileInput): string {
  return `the file in "${property}" is not there any more, or the person who started the run may not read it at this moment`
}
