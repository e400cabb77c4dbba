import { z } from 'zod'
import { id, line, moment, pageInput, pageOf } from './common.ts'
import { type FileKind, fileKinds, fileTypes } from './file-types.ts'
import { file, fileAccess, tag } from './files.ts'

const kinds = Object.keys(fileKinds) as FileKind[]

/** Tags hold no commas, so that one text can name several, in a query string too. */
const tagList = z
  .string()
  .max(1100)
  .transform((given) => given.split(','))
  .pipe(z.array(tag).max(20))
  .describe('A tag, or several with commas between them: files that have all of them.')

/** What narrows a list of files; what is left out does not. */
export const listFilesInput = pageInput.extend({
  companyId: id,
  studioId: id.optional(),
  folderId: z
    .union([id, z.literal('top')])
    .optional()
    .describe('Files in this folder; "top" for those in none.'),
  inSubfolders: z.boolean().default(false).describe('Takes the folders below `folderId` in, however deep.'),
  search: line(1, 255).optional().describe('A part of the name, in any case.'),
  kind: z.enum(kinds).optional(),
  mimeType: z.enum(fileTypes).optional(),
  tags: tagList.optional(),
  uploadedBy: id.optional(),
  uploadedFrom: moment.optional(),
  uploadedBefore: moment.optional(),
  accessLevel: fileAccess.optional(),
  trash: z.boolean().default(false).describe('Lists what is in the trash instead.'),
})
export type ListFilesInput = z.infer<typeof listFilesInput>

export const filePage = pageOf(file)

/** What an admin is told of other people's private files. */
export const privateFile = z.object({ id, filename: z.string(), fileSize: z.int(), uploadedBy: id, studioId: id })
export type PrivateFile = z.infer<typeof privateFile>

export const listPrivateFilesInput = pageInput.extend({ companyId: id })
export type ListPrivateFilesInput = z.infer<typeof listPrivateFilesInput>
export const privateFilePage = pageOf(privateFile)
