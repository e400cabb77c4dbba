import { readFileSync } from 'node:fs'
import { processEnvironment, readEnvironment } from './config.ts'
import { type Connections, namedConnections } from './connections.ts'
import { ensureDemoAccount } from './embedded/demo-account.ts'
import { refuseTakenPort } from './embedded/ports.ts'
import { freePort } from './embedded/postgres.ts'
import { type EmbeddedStack, startStack } from './embedded/stack.ts'
import { createLogger } from './logger.ts'
import { publishFolders } from './publishing.ts'
import { type Service, startService } from './service.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})

async function main(): Promise<void> {
  const env = readEnvironment(processEnvironment())
  const logger = createLogger(env.LOG_LEVEL)
  const named = namedConnections(env)
  if (env.ROLE !== 'worker') await refuseTakenPort(env.HOST, env.PORT, 'PORT')
  if (!named.supabase) await refuseTakenPort(env.HOST, env.EMBEDDED_SUPABASE_PORT, 'EMBEDDED_SUPABASE_PORT')
  if (!named.engine) await refuseTakenPort(env.HOST, env.EMBEDDED_ACTIVEPIECES_PORT, 'EMBEDDED_ACTIVEPIECES_PORT')
  const isWhole = Boolean(named.database && named.supabase && named.engine)
  const stack = isWhole ? undefined : await startStack({ env, logger })
  let service: Service | undefined
  const close = closeOnce(async () => {
    await service?.close()
    await stack?.close()
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, close)
  try {
    const connections = { ...named, ...stack?.connections } as Connections
    if (stack) await publishFolders(connections)
    const port = env.PORT === 0 ? await freePort() : env.PORT
    const publicUrl = env.PUBLIC_URL ?? `http://${env.HOST}:${port}`
    service = await startService({ env, connections, logger, version, publicUrl })
    await service.app?.listen({ host: env.HOST, port })
    await announce(publicUrl, connections, stack)
    if (processEnvironment()['npm_lifecycle_event'] === 'start') watchParent(close)
  } catch (error) {
    await service?.close()
    await stack?.close()
    throw error
  }
}

async function announce(publicUrl: string, connections: Connections, stack: EmbeddedStack | undefined): Promise<void> {
  const lines = [
    `Studios AI ${version} is running.`,
    `  API        ${publicUrl}/api/v1   (tRPC: ${publicUrl}/trpc)`,
    `  Reference  ${publicUrl}/docs`,
    `  Health     ${publicUrl}/health/ready`,
    `  Sign-in    ${connections.supabase.url}/auth/v1   apikey: ${connections.supabase.publishableKey}`,
  ]
  if (stack?.connections.supabase) {
    const account = await ensureDemoAccount(stack)
    lines.push(
      `  Demo user  ${account.email}   password: ${account.password}`,
      `  Data in    ${stack.dataDirs.join(' and ')}`,
    )
  }
  process.stdout.write(`${lines.join('\n')}\n`)
}

function closeOnce(close: () => Promise<void>): () => void {
  let isClosing = false
  return () => {
    if (isClosing) return
    isClosing = true
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
}

// A killed npm sends no signal on: it is gone when we have another parent.
function watchParent(close: () => void): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) close()
  }, 1000).unref()
}
