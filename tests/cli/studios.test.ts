import { statSync } from 'node:fs'
import type { CommandDef, SubCommandsDef } from 'citty'
import { describe, expect } from 'vitest'
import { main } from '../../cli/main.ts'
import { appRouter } from '../../src/routers/index.ts'
import { pipeline } from '../routers/pipeline-runs.ts'
import { test, unique } from '../support/world.ts'
import { shell } from './shell.ts'

describe('the command line', () => {
  test('takes somebody from sign-up to the end of a run', async ({ stack }) => {
    const { studios, sessionFile } = shell(stack)
    const email = `${unique()}@example.com`
    const account = ['--email', email, '--password', 'a long Passphrase 2026']
    expect(await studios('sign-up', '--name', 'Cleo Shell', ...account)).toMatchObject({
      code: 0,
      stdout: `Signed in as ${email}.\n`,
    })
    expect(statSync(sessionFile).mode & 0o777).toBe(0o600)
    const fields = {
      name: 'Shell Company',
      industryType: 'other',
      contactEmail: 'office@example.com',
      headquartersAddress: '1 Example Street',
    }
    const company = JSON.parse((await studios('companies', 'create', '--json', JSON.stringify(fields))).stdout)
    const studio = JSON.parse(
      (await studios('studios', 'create', '--companyId', company.id, '--name', 'Desk', '--businessArea', 'sales'))
        .stdout,
    )
    const template = JSON.parse((await studios('catalog', 'by-id', '--templateId', 'deal-pipeline-analysis')).stdout)
    const input = JSON.stringify(template.sampleInput)
    const started = JSON.parse(
      (await studios('executions', 'start', '--studioId', studio.id, '--templateId', template.id, '--input', input))
        .stdout,
    )
    const watched = await studios('executions', 'watch', '--executionId', started.execution.id)
    expect(
      watched.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).message)
        .at(-1),
    ).toBe('The run has finished; its result is ready.')
    expect((await studios('companies', 'list', '--table')).stdout).toContain('Shell Company')
    expect((await studios('sign-out')).code).toBe(0)
    expect(await studios('companies', 'list')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Sign in first'),
    })
  }, 60_000)

  test('prints a line for each thing that happens in a company, as it happens', async ({ stack, world }) => {
    const { studios, follow } = shell(stack)
    const { company, sampleInput, start } = await pipeline(world)
    await studios('sign-in', '--email', company.member.email, '--password', company.member.password)
    const watch = ['executions', 'watch-company', '--companyId', company.id, '--types', '["status"]']
    const [begin, ...lines] = await follow(watch, () => start(sampleInput), 'its result is ready')
    expect(begin).toEqual({ type: 'position' })
    expect(lines.map(({ message }) => message)).toEqual([
      'The run is accepted and waits for its turn.',
      'The run has started.',
      'The run has finished; its result is ready.',
    ])
  }, 60_000)

  test('tells every fault of an input on standard error and ends with 1', async ({ stack, world }) => {
    const { studios } = shell(stack)
    const { email, password } = await world.signUp()
    await studios('sign-in', '--email', email, '--password', password)
    const { code, stdout, stderr } = await studios('companies', 'create', '--name', 'X')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^The input has faults/)
    for (const path of ['name', 'industryType', 'contactEmail', 'headquartersAddress'])
      expect(stderr).toContain(`  ${path}: `)
  })

  test('says what to do when no server answers', async ({ stack }) => {
    const { studiosProcess } = shell(stack, { STUDIOS_URL: 'http://127.0.0.1:9' })
    expect(await studiosProcess('companies', 'list')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('The server cannot be reached'),
    })
  })

  test('shows health, migrates, tells the state of the schema and refuses without an owner', async ({ stack }) => {
    const database = { OWNER_DATABASE_URL: stack.connections.database.ownerUrl ?? '' }
    const { studios } = shell(stack, database)
    expect(JSON.parse((await studios('health')).stdout)).toMatchObject({ status: 'up', database: { state: 'up' } })
    expect((await studios('db', 'migrate')).stdout).toContain('nothing')
    expect((await studios('db', 'status')).stdout).toMatch(/0000_lay_foundation\.sql +\d{4}-/)
    expect(await shell(stack).studios('db', 'status')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('OWNER_DATABASE_URL'),
    })
  })

  test('has a command for every procedure', () => {
    const commands = pathsOf(main.subCommands as SubCommandsDef)
    const kebab = (path: string) =>
      path.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('.', ' ')
    expect(commands).toEqual(expect.arrayContaining(Object.keys(appRouter._def.procedures).map(kebab)))
  })
})

function pathsOf(commands: SubCommandsDef, above: string[] = []): string[] {
  return Object.entries(commands).flatMap(([name, command]) => {
    const below = typeof command === 'object' ? (command as CommandDef).subCommands : undefined
    const path = [...above, name]
    return [path.join(' '), ...(below ? pathsOf(below as SubCommandsDef, path) : [])]
  })
}
