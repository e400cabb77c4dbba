import { defineCommand } from 'citty'
import { publishFolders } from '../../src/publishing.ts'
import { operatorServices } from '../engine/services.ts'
import { printCompanyStatus, printStatus } from '../engine/status.ts'
import { verifyCatalog } from '../engine/verify.ts'
import { telling } from '../failure.ts'
import { textTable } from '../output.ts'

const status = defineCommand({
  meta: { name: 'status', description: 'Whether the engine is well, and which workflows it has' },
  args: {
    company: { type: 'string', description: "Id of a company, for its own engine; the platform's when left out" },
  },
  run: ({ args: { company } }) => telling(() => (company ? printCompanyStatus(company) : printStatus())),
})

const publish = defineCommand({
  meta: { name: 'publish', description: "Bring the catalog's workflows into the engine and the database" },
  run: () =>
    telling(async () => {
      const rows = (await publishFolders(operatorServices())).map(({ slug, version, flowId, isNew }) => [
        slug,
        version,
        flowId,
        isNew ? 'published' : 'unchanged',
      ])
      process.stdout.write(`${textTable(['workflow', 'version', 'flow', 'state'], rows)}\n`)
    }),
})

const verify = defineCommand({
  meta: { name: 'verify', description: 'Run each workflow with its sample and compare with the expected result' },
  run: () => telling(verifyCatalog),
})

export const engineCommand = defineCommand({
  meta: { name: 'engine', description: 'The workflow engine' },
  subCommands: { status, publish, verify },
})
