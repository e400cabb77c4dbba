import type { z } from 'zod'
import { downloadLinkInput, uploadedFile, uploadFields, versionFields } from './contracts/uploads.ts'
import { errors, pathId, schemaOf, signedIn } from './openapi-parts.ts'

const tags = ['Files']

function form(fields: z.ZodType): object {
  const { properties, ...rest } = Object(schemaOf(fields, 'input'))
  const file = { type: 'string', format: 'binary', description: 'Comes last.' }
  const schema = { ...rest, properties: { ...properties, file }, required: ['file'] }
  return { required: true, content: { 'multipart/form-data': { schema } } }
}

const received = {
  201: {
    description: 'The file, ready to be read',
    content: { 'application/json': { schema: schemaOf(uploadedFile, 'output') } },
  },
  ...errors,
}

const upload = {
  operationId: 'files-upload',
  summary: 'Upload a file',
  description:
    'A form with the fields first and the file last. Its bytes are checked while they come; without a content-length the field size is needed.',
  tags,
  security: signedIn,
  parameters: [pathId('studioId')],
  requestBody: form(uploadFields),
  responses: received,
}

const uploadVersion = {
  operationId: 'files-uploadVersion',
  summary: 'Upload the next version of a file',
  tags,
  security: signedIn,
  parameters: [pathId('fileId')],
  requestBody: form(versionFields),
  responses: received,
}

const content = {
  operationId: 'files-content',
  summary: 'The content of a file: leads to a link that opens it for five minutes',
  tags,
  security: signedIn,
  parameters: [
    pathId('fileId'),
    { name: 'version', in: 'query', schema: schemaOf(downloadLinkInput.shape.version.unwrap(), 'input') },
  ],
  responses: {
    302: { description: 'Where the content is', headers: { location: { schema: { type: 'string' } } } },
    ...errors,
  },
}

/** The routes of files that are no procedures, since their bodies are no JSON. */
export const filePaths: Record<string, object> = {
  '/studios/{studioId}/files': { post: upload },
  '/files/{fileId}/versions': { post: uploadVersion },
  '/files/{fileId}/content': { get: content },
}
