import { engineSecretPlaceholder, loadCatalog } from '../catalog/index.ts'
import type { Connections } from './connections.ts'
import { openDatabase } from './db/client.ts'
import { activePieces } from './engine/activepieces.ts'
import { type Published, publishCatalog } from './services/workflows/publish.ts'

/** Brings the catalog's folders into the engine and the database. */
export async function publishFolders(connections: {
  database: Pick<Connections['database'], 'workerUrl'>
  engine: Connections['engine']
}): Promise<Published[]> {
  const database = openDatabase({
    url: connections.database.workerUrl,
    maxConnections: 1,
    onConnectionError: () => undefined,
  })
  try {
    const secret = { placeholder: engineSecretPlaceholder, value: connections.engine.webhookSecret }
    return await publishCatalog(
      { ...database.own, engine: activePieces(connections.engine) },
      await loadCatalog(),
      secret,
    )
  } finally {
    await database.close()
  }
}
