import { defineCommand } from 'citty'
import { processEnvironment, readEnvironment } from '../../src/config.ts'
import { installSecrets, migrateDown, migrateUp, migrationStatus } from '../../src/db/migrations.ts'
import { telling } from '../failure.ts'
import { textTable } from '../output.ts'

const ownerUrl = (): string => {
  const { OWNER_DATABASE_URL } = readEnvironment(processEnvironment())
  if (!OWNER_DATABASE_URL)
    throw new Error('OWNER_DATABASE_URL is needed: the address of the database as the role that owns the tables.')
  return OWNER_DATABASE_URL
}

const tell = (names: string[], verb: string) =>
  process.stdout.write(
    names.length === 0
      ? `There was nothing to be ${verb}.\n`
      : `${names.map((name) => `${verb} ${name}`).join('\n')}\n`,
  )

const migrate = defineCommand({
  meta: {
    name: 'migrate',
    description: 'Bring the database up to date, and give it the scope key and the login passwords',
  },
  run: () =>
    telling(async () => {
      const env = readEnvironment(processEnvironment())
      const url = ownerUrl()
      tell(await migrateUp(url), 'applied')
      if (!env.SCOPE_KEY) return
      const passwordOf = (address: string | undefined) => (address ? decodeURIComponent(new URL(address).password) : '')
      const passwords = {
        apiPassword: passwordOf(env.DATABASE_URL),
        workerPassword: passwordOf(env.WORKER_DATABASE_URL),
      }
      await installSecrets(url, { scopeKey: Buffer.from(env.SCOPE_KEY, 'hex'), ...passwords })
      process.stdout.write('installed the scope key and the login passwords\n')
    }),
})

const rollback = defineCommand({
  meta: { name: 'rollback', description: 'Take back the newest migrations' },
  args: { steps: { type: 'string', default: '1', description: 'How many' } },
  run: ({ args }) =>
    telling(async () => {
      const steps = Number(args.steps)
      if (!Number.isInteger(steps) || steps < 1) throw new Error('--steps takes a whole number from 1 up.')
      tell(await migrateDown(ownerUrl(), steps), 'taken back')
    }),
})

const status = defineCommand({
  meta: { name: 'status', description: 'Which migrations the database has' },
  run: () =>
    telling(async () => {
      const rows = (await migrationStatus(ownerUrl())).map(({ name, appliedAt }) => [name, appliedAt ?? 'missing'])
      process.stdout.write(`${textTable(['migration', 'applied'], rows)}\n`)
    }),
})

export const dbCommand = defineCommand({
  meta: { name: 'db', description: 'The database schema' },
  subCommands: { migrate, rollback, status },
})
