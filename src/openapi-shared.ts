import { z } from 'zod'
import { largestFileBytes } from './contracts/file-types.ts'
import { openShareInput, receivedFile, sharedFile, sharedFolder } from './contracts/sharing.ts'
import { errors, schemaOf } from './openapi-parts.ts'

const token = {
  name: 'token',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: 'The end of the link.',
}
const common = { tags: ['Shared links'], security: [], parameters: [token] }

/** What people do with a link that somebody sent them; without `Accept: application/json` the answers are pages. */
export function sharedPaths(server: string): Record<string, object> {
  const servers = [{ url: server }]
  return {
    '/shared/{token}': { get: { ...look, servers } },
    '/shared/{token}/download': { post: { ...download, servers } },
    '/shared/{token}/files': { post: { ...upload, servers } },
  }
}

const look = {
  ...common,
  operationId: 'shared-look',
  summary: 'What a link leads to',
  responses: { 200: json('The file, or that a file may be sent', z.union([sharedFile, sharedFolder])), ...errors },
}

const download = {
  ...common,
  operationId: 'shared-download',
  summary: 'Download the file behind a link; counts as one use',
  requestBody: { required: false, content: { 'application/json': { schema: schemaOf(openShareInput, 'input') } } },
  responses: {
    200: {
      description: 'The whole file, with its SHA-256 in Repr-Digest',
      content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
    },
    ...errors,
  },
}

const upload = {
  ...common,
  operationId: 'shared-upload',
  summary: 'Put a file into the folder behind a link; counts as one use',
  requestBody: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object',
          required: ['file'],
          properties: {
            password: { ...schemaOf(openShareInput.shape.password, 'input'), description: 'Before the file.' },
            file: { type: 'string', format: 'binary', description: `At most ${largestFileBytes} bytes.` },
          },
        },
      },
    },
  },
  responses: { 201: json('What has arrived', receivedFile), ...errors },
}

function json(description: string, schema: z.ZodType): object {
  return { description, content: { 'application/json': { schema: schemaOf(schema, 'output') } } }
}
