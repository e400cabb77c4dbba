import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import underPressure from '@fastify/under-pressure'
import apiReference from '@scalar/fastify-api-reference'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { VerifyToken } from './auth.ts'
import { type ContextDeps, contextFactory } from './context.ts'
import type { HealthPart, HealthProbe } from './health.ts'
import { registerCallbacks } from './http/callbacks.ts'
import { registerDownloads } from './http/downloads.ts'
import { answerError, registerErrors } from './http/errors.ts'
import { registerHealth } from './http/health.ts'
import { endBadConnection } from './http/late-requests.ts'
import { limitRates, type RateLimits } from './http/rate-limits.ts'
import { registerRunFiles } from './http/run-files.ts'
import { registerShared } from './http/shared.ts'
import type { TransferSettings } from './http/transfers.ts'
import { largestBatch, registerTrpc } from './http/trpc.ts'
import { registerUploads } from './http/uploads.ts'
import { registerWatch } from './http/watch.ts'
import { openApiDocument } from './openapi.ts'
import { registerRest } from './rest.ts'
import { appRouter } from './routers/index.ts'

export interface HttpSettings extends RateLimits, TransferSettings {
  corsOrigins: string[]
  trustProxy: boolean
  /** Above this the server answers 503 until it has caught up; 0 switches that off. */
  maxEventLoopDelayMs: number
  /** The address under which clients reach the server. */
  publicUrl: string
}

export interface AppDeps extends ContextDeps {
  verifyToken: VerifyToken
  probes: Record<HealthPart, HealthProbe>
  logger: FastifyBaseLogger
  settings: HttpSettings
}

/** The HTTP server with everything passed in; the caller listens and closes. */
export async function buildApp(deps: AppDeps): Promise<FastifyInstance> {
  const { settings } = deps
  const app = fastify({
    loggerInstance: deps.logger,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: settings.trustProxy,
    bodyLimit: 1024 * 1024,
    requestTimeout: 60_000,
    forceCloseConnections: true,
    clientErrorHandler: endBadConnection,
    genReqId: requestId,
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
    // Room for the names of `largestBatch` procedures.
    routerOptions: { maxParamLength: largestBatch * 40 },
  })
  registerErrors(app)
  await app.register(helmet, {
    contentSecurityPolicy: apiPolicy,
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  })
  await app.register(cors, {
    origin: settings.corsOrigins,
    credentials: true,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    exposedHeaders: ['x-request-id', 'retry-after', 'ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'],
  })
  if (settings.maxEventLoopDelayMs > 0)
    await app.register(underPressure, { maxEventLoopDelay: settings.maxEventLoopDelayMs })
  registerHealth(app, deps.probes)
  await registerReference(app, deps)
  await app.register(async (engine) => registerCallbacks(engine, deps.database))
  await app.register(async (engine) => registerRunFiles(engine, deps))
  await app.register(async (visitors) => registerShared(visitors, deps))
  await app.register(async (api) => {
    await limitRates(api, deps.verifyToken, settings)
    const contextOf = contextFactory(deps)
    registerTrpc(api, contextOf, '/trpc')
    await api.register(async (rest) => registerRest(rest, appRouter, contextOf), { prefix: '/api/v1' })
    await api.register(async (rest) => registerWatch(rest, contextOf), { prefix: '/api/v1' })
    await api.register(async (rest) => registerDownloads(rest, contextOf), { prefix: '/api/v1' })
    await api.register(async (rest) => registerUploads(rest, contextOf, settings), { prefix: '/api/v1' })
  })
  return app
}

// A request id from outside is kept when it is harmless, so that one id runs through several systems.
function requestId(request: { headers: Record<string, string | string[] | undefined> }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.-]{8,64}$/.test(given) ? given : crypto.randomUUID()
}

// Answers of the API are data: nothing in them may be run or framed. The reference page brings its own script and styles.
const apiPolicy = { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } }
const referencePolicy =
  "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; frame-ancestors 'none'"

// The page itself, without what would call out to its maker's services.
const referencePage = {
  url: '/api/v1/openapi.json',
  title: 'Studios AI',
  pageTitle: 'Studios AI: API reference',
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never' as const,
  agent: { disabled: true },
  mcp: { disabled: true },
  authentication: { preferredSecurityScheme: 'Authorization' },
}

async function registerReference(app: FastifyInstance, { settings, info }: AppDeps): Promise<void> {
  let document: object | undefined
  const write = () => openApiDocument(appRouter, { baseUrl: `${settings.publicUrl}/api/v1`, version: info.version })
  // Written when somebody first asks: a start need not wait for it.
  app.get('/api/v1/openapi.json', async () => {
    document ??= write()
    return document
  })
  await app.register(async (page) => {
    page.addHook('onSend', async (_, reply) => void reply.header('content-security-policy', referencePolicy))
    await page.register(apiReference, { routePrefix: '/docs', configuration: referencePage })
  })
}
