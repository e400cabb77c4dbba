import { z } from 'zod'
import { id } from './common.ts'
import { fileAccess, fileInput, fileMetadata, fileName, tags } from './files.ts'

/** What is left out stays; tags and metadata are replaced whole. */
export const updateFileInput = fileInput.extend({
  filename: fileName.optional(),
  tags: tags.optional(),
  accessLevel: fileAccess
    .optional()
    .describe('Changed by the owner of the file or an admin; made private by the owner only.'),
  metadata: fileMetadata.optional(),
})
export type UpdateFileInput = z.infer<typeof updateFileInput>

export const moveFileInput = fileInput.extend({
  studioId: id.optional().describe('Left out, the file stays in its studio, or goes into that of the folder.'),
  folderId: id.nullable().default(null).describe('null for the top of the studio.'),
})
export type MoveFileInput = z.infer<typeof moveFileInput>

export const emptyTrashInput = z.object({
  companyId: id,
  studioId: id.optional().describe('Left out, the trash of all studios is emptied.'),
})
export type EmptyTrashInput = z.infer<typeof emptyTrashInput>

/** `isEmpty` is false when there was more than one call deletes: ask again. Other people's private files stay. */
export const emptiedTrash = z.object({ deletedFiles: z.int(), isEmpty: z.boolean() })
export type EmptiedTrash = z.infer<typeof emptiedTrash>
