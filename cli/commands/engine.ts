import { defineCommand } from 'citty'
import { processEnvironment, readEnvironment } from '../../src/config.ts'
import { namedConnections } from '../../src/connections.ts'
import { publishFolders } from '../../src/publishing.ts'
import { telling } from '../failure.ts'
import { textTable } from '../output.ts'

const publish = defineCommand({
  meta: { name: 'publish', description: "Bring the catalog's workflows into the engine and the database" },
  run: () =>
    telling(async () => {
      const { database, engine } = namedConnections(readEnvironment(processEnvironment()))
      if (!database || !engine)
        throw new Error('DATABASE_URL and ACTIVEPIECES_URL with what belongs to them are needed; see .env.example.')
      const rows = (await publishFolders({ database, engine })).map(({ slug, version, flowId, isNew }) => [
        slug,
        version,
        flowId,
        isNew ? 'published' : 'unchanged',
      ])
      process.stdout.write(`${textTable(['workflow', 'version', 'flow', 'state'], rows)}\n`)
    }),
})

export const engineCommand = defineCommand({
  meta: { name: 'engine', description: 'The workflow engine' },
  subCommands: { publish },
})
