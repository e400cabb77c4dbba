import type { FastifyInstance } from 'fastify'

const exposed = [
  ...['X-Total-Count', 'Link', 'X-Supabase-Api-Version', 'X-Sb-Error-Code'],
  ...['Accept-Ranges', 'Content-Disposition', 'Content-Range', 'ETag', 'Location'],
  ...['Tus-Extension', 'Tus-Max-Size', 'Tus-Resumable', 'Tus-Version'],
  ...['Upload-Expires', 'Upload-Length', 'Upload-Metadata', 'Upload-Offset'],
].join(', ')
const allowed = [
  'accept',
  'authorization',
  'content-type',
  'apikey',
  'prefer',
  'x-client-ip',
  'x-client-info',
  'x-use-cookie',
  'x-supabase-api-version',
  ...['cache-control', 'content-encoding', 'if-modified-since', 'if-none-match', 'if-range', 'range'],
  ...['x-metadata', 'x-signature', 'x-upsert'],
  ...['tus-resumable', 'upload-length', 'upload-metadata', 'upload-offset'],
]

/** Lets pages of any origin call, as Supabase does: what protects are the tokens, which no browser sends by itself. */
export function allowOrigins(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers
    if (!origin) return
    void reply.headers({
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': exposed,
      vary: 'Origin',
    })
    if (request.method !== 'OPTIONS') return
    return reply.code(204).headers(preflight).send()
  })
}

const preflight = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE, HEAD',
  'access-control-allow-headers': allowed.join(', '),
  'access-control-max-age': '600',
}
