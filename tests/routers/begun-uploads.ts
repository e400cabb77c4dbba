import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { desk } from '../support/uploads.ts'
import type { Person, World } from '../support/world.ts'

export const content = 'a,b\n1,2\n'
export const table = { filename: 'table.csv', fileSize: content.length, mimeType: 'text/csv' }
export const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** An upload straight to the storage that a member has begun. */
export async function begun(world: World, announced: Partial<typeof table & { checksum: string }> = {}) {
  const place = await desk(world)
  const { api } = place.company.member
  const upload = await api.files.beginUpload.mutate({ studioId: place.studioId, ...table, ...announced })
  const confirm = (person: Person = place.company.member) =>
    person.api.files.confirmUpload.mutate({ uploadId: upload.uploadId })
  return { ...place, ...upload, api, confirm }
}

export const refusal = (code: string, message: RegExp) => ({
  message: expect.stringMatching(message),
  data: expect.objectContaining({ code }),
})
