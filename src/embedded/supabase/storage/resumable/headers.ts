import type { FastifyReply, FastifyRequest } from 'fastify'
import { StorageError } from '../errors.ts'
import { fromBase64 } from '../incoming.ts'
import type { ResumableUpload } from './uploads.ts'

/** The protocol's version (tus.io/protocols/resumable-upload) and what of it there is here. */
export const tusVersion = '1.0.0'
export const tusExtensions = 'creation,creation-with-upload,termination,expiration'
export const offsetStream = 'application/offset+octet-stream'

export const tusError = (statusCode: number, message: string) => new StorageError(statusCode, 'TusError', message)

/** A header that is a whole number. Throws when it is absent or none. */
export function numberIn(request: FastifyRequest, name: 'upload-length' | 'upload-offset'): number {
  const given = request.headers[name]
  if (typeof given !== 'string' || !/^\d{1,15}$/.test(given)) throw tusError(400, `${name} must be a whole number`)
  return Number(given)
}

/** Pairs of a name and a base64 text, separated by commas. */
export function metadataIn(request: FastifyRequest): { raw: string; fields: Map<string, string> } {
  const given = request.headers['upload-metadata']
  if (typeof given !== 'string') throw tusError(400, 'Upload-Metadata header is required')
  const pairs = given.split(',').map((pair) => pair.trim().split(' '))
  return { raw: given, fields: new Map(pairs.map(([name = '', value = '']) => [name, fromBase64(value)])) }
}

export function hasBytes(request: FastifyRequest): boolean {
  return request.headers['content-type'] === offsetStream
}

/** Where an upload stands and until when it waits. */
export function sendState(reply: FastifyReply, { received_bytes, completed_at, expires_at }: ResumableUpload): void {
  void reply.header('upload-offset', received_bytes)
  if (!completed_at) void reply.header('upload-expires', expires_at.toUTCString())
}
