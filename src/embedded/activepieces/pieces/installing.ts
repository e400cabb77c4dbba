import { z } from 'zod'
import type { RunContext } from '../context.ts'
import { DomainError, invalidRequest } from '../errors.ts'
import type { RequestBody } from '../http/bodies.ts'
import { readMultipart } from '../http/multipart.ts'
import { check } from '../http/validation.ts'
import { newId } from '../ids.ts'
import { timestamp } from '../settings.ts'
import { insertFile } from '../store/files.ts'
import { findInstallation, type Installation, saveInstallation } from '../store/pieces.ts'
import { readPackage } from './archive.ts'
import { findDescription, showPiece } from './catalog.ts'

const fromRegistry = z.object({
  packageType: z.literal('REGISTRY'),
  pieceName: z.string(),
  pieceVersion: z.string(),
})

type Origin = Pick<Installation, 'name' | 'version' | 'packageType' | 'archiveId'>

/** Installs a piece from the registry or from an archive. Only built-in pieces can be: their own code is what runs. */
export async function installPiece(
  context: RunContext,
  platformId: string,
  body: RequestBody | undefined,
  contentType: string,
) {
  const origin = body?.kind === 'multipart' ? await readArchive(context, body, contentType) : readRegistry(body)
  const { name, version } = origin
  const description = findDescription(name)
  if (description === undefined) {
    const message = `Piece ${name}@${version} is not available in the embedded engine`
    throw new DomainError('ENGINE_OPERATION_FAILURE', { message })
  }
  const { database, settings } = context
  const updated = timestamp(settings)
  const known = findInstallation(database, name)
  const installation = { ...origin, id: known?.id ?? newId(), created: known?.created ?? updated, updated }
  saveInstallation(database, installation)
  return showPiece(description, platformId, installation)
}

function readRegistry(body: RequestBody | undefined): Origin {
  const { pieceName: name, pieceVersion: version, packageType } = check(fromRegistry, body?.value, 'body')
  return { name, version, packageType, archiveId: null }
}

async function readArchive(context: RunContext, body: RequestBody, contentType: string): Promise<Origin> {
  const { files } = await readMultipart(body.bytes, contentType)
  const archive = files.find((file) => file.field === 'pieceArchive')
  const found = archive === undefined ? undefined : await readPackage(archive.data)
  if (archive === undefined || found === undefined) throw invalidRequest('body/pieceArchive Invalid input')
  const archiveId =
    findDescription(found.name) === undefined
      ? null
      : insertFile(context.database, archive.data, 'application/gzip', null)
  return { ...found, packageType: 'ARCHIVE', archiveId }
}
