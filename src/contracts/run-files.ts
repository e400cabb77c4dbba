import { z } from 'zod'
import { id, pageInput, pageOf, timestamp } from './common.ts'
import { fileUsages } from './files.ts'

export const fileReadersInput = z.object({ fileId: id, ...pageInput.shape })
export type FileReadersInput = z.infer<typeof fileReadersInput>

/** A run that was given a file; what of it the run's flow read stands in `reads`. */
export const fileReader = z.object({
  executionId: id,
  templateId: id,
  templateName: z.string(),
  studioId: id,
  userId: id.describe('Who started the run.'),
  property: z.string().nullable().describe('The field of the input that names the file.'),
  version: z.int().describe('The version that the run was given last.'),
  givenAt: timestamp.describe('When the run was first given it.'),
  reads: z.int().describe('How often the file was read; 0 when the run was given it and did not look.'),
  versionsRead: z.array(z.int()),
  firstReadAt: timestamp.nullable(),
  lastReadAt: timestamp.nullable(),
})
export type FileReader = z.infer<typeof fileReader>
export const fileReaders = pageOf(fileReader)

export const executionFilesInput = z.object({ executionId: id, ...pageInput.shape })
export type ExecutionFilesInput = z.infer<typeof executionFilesInput>

/** What stands for the name of a file that the caller may not read; it may be gone, too. */
export const unnamedFile = 'a file you may not read'

/** A file that a run was given or made, in the order of `filesUsed`; of one that the caller may not read only that it is there. */
export const executionFile = z.object({
  fileId: id,
  usage: z.enum(fileUsages),
  isReadable: z.boolean(),
  filename: z.string().describe(`"${unnamedFile}" where isReadable is false.`),
  fileSize: z.int().nullable().describe('Bytes of the version that the run used; null where isReadable is false.'),
  mimeType: z.string().nullable(),
  version: z.int().nullable().describe('The version that the run used; null before the run was sent.'),
  property: z.string().nullable().describe('The field of the input that names the file.'),
})
export type ExecutionFile = z.infer<typeof executionFile>
export const executionFiles = pageOf(executionFile)
