import type { DownloadLink, DownloadLinkInput } from '../../../contracts/uploads.ts'
import type { Tx } from '../../../db/client.ts'
import { openContent } from '../../../db/queries/uploads.ts'
import { DomainError } from '../../../errors.ts'
import type { ServiceContext } from '../../context.ts'
import { readableFile, requireLiving } from './uploads.ts'

/**
 * A link that opens a file's content for a while to whoever may read it now; browsers save it under the file's name.
 * @throws {DomainError} NOT_FOUND for a file that the caller may not read or a version that there is not, PRECONDITION_FAILED for
 * one in the trash or still being uploaded.
 */
export async function downloadLink(ctx: ServiceContext, input: DownloadLinkInput): Promise<DownloadLink> {
  const { fileId, version, expiresInSeconds: seconds } = input
  const opened = await ctx.write((tx) => openContent(tx, fileId, version))
  const { filename, path } = opened ?? (await ctx.read((tx) => refuseContent(tx, fileId, version)))
  const madeAt = Math.floor(Date.now() / 1000)
  const url = await ctx.links.link(path, { seconds, filename })
  return { url, expiresAt: new Date((madeAt + seconds) * 1000).toISOString() }
}

async function refuseContent(tx: Tx, fileId: string, version: number | undefined): Promise<never> {
  const file = await readableFile(tx, fileId)
  requireLiving(file)
  return noVersion(version ?? file.version)
}

function noVersion(number: number): never {
  throw new DomainError('NOT_FOUND', `The file has no version ${number}; look at its versions for those that it has.`)
}
