import { resolve } from 'node:path'
import { loadCatalog } from '../../catalog/index.ts'
import { processEnvironment, readEnvironment } from '../../src/config.ts'
import { namedConnections } from '../../src/connections.ts'
import { type Database, openDatabase } from '../../src/db/client.ts'
import { findIntegration, findIntegrationSecret } from '../../src/db/queries/integrations.ts'
import { runningServices } from '../../src/embedded/running.ts'
import { type ActivePiecesOptions, activePieces } from '../../src/engine/activepieces.ts'
import { companyEngines } from '../../src/engine/company-engines.ts'
import { catalogStates, type PublishedState } from '../../src/services/workflows/catalog-state.ts'
import type { Engine } from '../../src/services/workflows/engine.ts'

/** The database and the engine that an operator works on. */
export interface OperatorServices {
  database: { workerUrl: string }
  engine: ActivePiecesOptions
}

/** Those that the environment names; the embedded ones of `npm start` where it names none. */
export function operatorServices(): OperatorServices {
  const env = readEnvironment(processEnvironment())
  const named = namedConnections(env)
  const running = runningServices(resolve(env.DATA_DIR))
  const { database, engine } = { ...running, ...named }
  if (database && engine) return { database, engine }
  throw new Error(
    `Nothing runs on the data in ${env.DATA_DIR}; start it with \`npm start\`, or name DATABASE_URL and ACTIVEPIECES_URL with what belongs to them (see .env.example).`,
  )
}

/** Opens database and engine for the time of the work. */
export async function withEngine<T>(
  work: (at: { engine: Engine; url: string; database: Database }) => Promise<T>,
): Promise<T> {
  const services = operatorServices()
  const { workerUrl } = services.database
  const database = openDatabase({ url: workerUrl, maxConnections: 1, onConnectionError: () => undefined })
  try {
    return await work({ engine: activePieces(services.engine), url: services.engine.url, database })
  } finally {
    await database.close()
  }
}

/** A company's own engine, opened with its account from the vault. @throws when it has none */
export async function ownEngineOf(database: Database, companyId: string) {
  const { read } = database.own
  const found = await read((tx) => findIntegration(tx, { companyId, kind: 'activepieces' }))
  const secret = found && (await read((tx) => findIntegrationSecret(tx, found.id)))
  if (!found || !secret) throw new Error(`The company ${companyId} has no engine of its own.`)
  const { ALLOW_PRIVATE_ENGINES: allowPrivate } = readEnvironment(processEnvironment())
  const engine = companyEngines({ allowPrivate }).open(found.settings, secret)
  return { integrationId: found.id, url: found.settings.url, engine }
}

/** The catalog's workflows with how each stands at the engine. */
export async function publishedCatalog({ engine, database }: { engine: Engine; database: Database }) {
  const entries = await loadCatalog()
  const states = await catalogStates({ read: database.own.read, engine }, entries)
  const stateOf = (slug: string): PublishedState | undefined => states.find((state) => state.slug === slug)
  return entries.map((entry) => ({ ...entry, published: stateOf(entry.manifest.slug) }))
}
