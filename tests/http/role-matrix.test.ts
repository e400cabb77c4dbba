import { createClient } from '@supabase/supabase-js'
import { describe, expect } from 'vitest'
import { includesRole, type Role, roles } from '../../src/contracts/access.ts'
import { allProcedures, type ListedProcedure } from '../contracts/procedures.ts'
import { keepFile, keepVersion } from '../support/files.ts'
import { addCause } from '../support/turns.ts'
import { sentUpload } from '../support/uploads.ts'
import { companyFields, type Person, test, unique, type World } from '../support/world.ts'
import { type Answer, callTrpc } from './calls.ts'

type Input = Record<string, unknown>

/** Open to everybody, signed in or not. */
const openToAll = ['system.info']
const nobody = '00000000-0000-4000-8000-000000000000'

/** An input for every procedure, on a company's own things; what removes somebody or something comes last. */
async function inputsOf(world: World) {
  const company = await world.company()
  const { id: companyId, admin } = company
  const { id: studioId } = await world.studio(admin, companyId)
  const { id: templateId } = await admin.api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' })
  const schedule = {
    studioId,
    templateId,
    name: 'Weekly',
    cron: '0 8 * * 1',
    timezone: 'UTC',
    input: { data: 'a,b\n' },
  }
  const { id: scheduleId } = await admin.api.schedules.create.mutate(schedule)
  const { execution } = await admin.api.executions.start.mutate({ studioId, templateId, input: { data: 'a,b\n' } })
  const executionId = execution.id
  await admin.api.executions.cancel.mutate({ executionId })
  const bulk = { companyId, action: 'cancel' as const, filter: { executionIds: [executionId] } }
  const { id: operationId } = await admin.api.bulk.start.mutate(bulk)
  const groupId = await addCause(world.stack, { companyId, studioId, templateId })
  const { id: fileId } = await keepFile(world.stack, admin, { studioId })
  const { share } = await admin.api.sharing.create.mutate({ fileId })
  const { uploadId } = await sentUpload(admin, { studioId })
  await keepVersion(world.stack, admin, fileId, 'c,d\n')
  const { id: folderId } = await admin.api.folders.create.mutate({ studioId, name: 'Contracts' })
  const stranger = { companyId, userId: nobody }
  const branch = { companyId, name: 'Harbour', address: '2 Quay Road' }
  const inputs: Record<string, Input> = {
    'system.info': {},
    'me.profile': {},
    'me.update': { fullName: 'New Name' },
    'me.companies': {},
    'companies.create': { ...companyFields() },
    'companies.list': {},
    'companies.byId': { companyId },
    'companies.update': { companyId },
    'companies.branches.add': branch,
    'companies.branches.update': { companyId, branchName: 'Harbour' },
    'companies.branches.remove': { companyId, branchName: 'Harbour' },
    'companies.requestJoin': { slug: `no-company-${unique()}` },
    'companies.members.list': { companyId },
    'companies.members.approve': stranger,
    'companies.members.reject': stranger,
    'companies.members.changeRole': { ...stranger, role: 'viewer' },
    'companies.members.revoke': stranger,
    'studios.create': { companyId, name: 'Another', businessArea: 'sales' },
    'studios.list': { companyId },
    'studios.byId': { studioId },
    'studios.update': { studioId },
    'studios.members.list': { studioId },
    'studios.members.add': { studioId, userId: nobody },
    'studios.members.remove': { studioId, userId: nobody },
    'catalog.list': {},
    'catalog.byId': { templateId },
    'catalog.facets': {},
    'executions.start': { studioId, templateId, input: { data: 'a,b\n' } },
    'executions.list': { companyId },
    'executions.byId': { executionId },
    'executions.logs': { executionId },
    'executions.effects': { executionId },
    'executions.files': { executionId },
    'executions.watch': { executionId },
    'executions.queue': { companyId },
    'executions.pause': { executionId },
    'executions.resume': { executionId },
    'executions.retry': { executionId },
    'executions.replay': { executionId },
    'executions.watchCompany': { companyId },
    'executions.cancel': { executionId },
    'files.byId': { fileId },
    'files.readers': { fileId },
    'sharing.create': { fileId },
    'sharing.list': { companyId },
    'sharing.revoke': { shareId: share.id },
    'sharing.revokeAll': { companyId, fileId },
    'files.beginUpload': { studioId, filename: 'new.csv', fileSize: 8, mimeType: 'text/csv' },
    'files.beginVersion': { fileId, fileSize: 8, mimeType: 'text/csv' },
    'files.confirmUpload': { uploadId },
    'files.abandonUpload': { uploadId },
    'files.downloadLink': { fileId },
    'files.list': { companyId },
    'files.update': { fileId, filename: 'renamed.csv' },
    'files.move': { fileId },
    'files.versions.list': { fileId },
    'files.versions.restore': { fileId, version: 1 },
    'files.versions.delete': { fileId, version: 1 },
    'files.trash': { fileId },
    'files.restore': { fileId },
    'files.privateOfOthers': { companyId },
    'files.storage': { companyId },
    'files.policy.get': { companyId },
    'files.policy.set': { companyId, trashDays: 7 },
    'files.deleteForever': { fileId },
    'files.emptyTrash': { companyId },
    'folders.create': { studioId, name: 'Offers' },
    'folders.list': { studioId },
    'folders.byId': { folderId },
    'folders.rename': { folderId, name: 'Deals' },
    'folders.move': { folderId, parentId: null },
    'folders.trash': { folderId },
    'folders.restore': { folderId },
    'insights.list': { companyId },
    'integrations.set': { companyId, url: 'https://engine.invalid', account: { email: 'a@b.co', password: 'x' } },
    'integrations.byCompany': { companyId },
    'integrations.check': { companyId },
    'integrations.remove': { companyId },
    'schedules.create': schedule,
    'schedules.list': { companyId },
    'schedules.byId': { companyId, scheduleId },
    'schedules.occurrences': { companyId, scheduleId },
    'schedules.update': { companyId, scheduleId, name: 'Monthly' },
    'schedules.remove': { companyId, scheduleId },
    'bulk.preview': bulk,
    'bulk.start': bulk,
    'bulk.list': { companyId },
    'bulk.byId': { companyId, operationId },
    'bulk.items': { companyId, operationId },
    'bulk.abort': { companyId, operationId },
    'attention.list': { companyId },
    'attention.byId': { companyId, groupId },
    'attention.update': { companyId, groupId, state: 'ignored' },
    'attention.replayAll': { companyId, groupId },
    'studios.archive': { studioId },
    'companies.members.leave': { companyId },
  }
  return { company, inputs }
}

/** A call as a client makes it; a watch as curl does, for it answers with a plain status. */
async function outcome(world: World, procedure: ListedProcedure, input: Input, token?: string) {
  const answer: Answer =
    procedure.type === 'subscription'
      ? await openWatch(world, input, token)
      : await callTrpc(world.stack, procedure, input, token)
  const { error, code = error?.data.code, message = error?.message } = Object(answer.body)
  return { status: answer.status, code: code as string | undefined, message: String(message) }
}

/** A watch that was let in is left at once: that of a company has no end. */
async function openWatch({ stack }: World, { executionId, companyId }: Input, token?: string): Promise<Answer> {
  const path = executionId ? `/executions/${executionId}/watch` : `/companies/${companyId}/executions/watch`
  const gone = new AbortController()
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(`${stack.url}/api/v1${path}`, { headers, signal: gone.signal })
  const body: unknown = response.ok ? undefined : await response.json()
  gone.abort()
  return { status: response.status, headers: response.headers, body }
}

async function signedOut(world: World): Promise<Person> {
  const person = await world.signUp()
  const { url, secretKey } = world.stack.supabase
  await createClient(url, secretKey, { auth: { persistSession: false } }).auth.admin.signOut(
    person.accessToken,
    'global',
  )
  return person
}

describe('who may do what', () => {
  test('every procedure has an input here, and a role unless it concerns no company', async ({ world }) => {
    const { inputs } = await inputsOf(world)
    expect(new Set(Object.keys(inputs))).toEqual(new Set(allProcedures.map(({ path }) => path)))
    const withoutRole = allProcedures.filter(({ meta }) => !meta.role).map(({ path }) => path)
    expect(
      withoutRole.filter((path) => !/^(me|catalog|system)\.|^companies\.(create|list|requestJoin)$/.test(path)),
    ).toEqual([])
  })

  test('without a token, or with that of an ended session, nobody does anything', async ({ world }) => {
    const [{ inputs }, gone] = await Promise.all([inputsOf(world), signedOut(world)])
    for (const procedure of allProcedures.filter(({ path }) => !openToAll.includes(path))) {
      const input = inputs[procedure.path] ?? {}
      for (const token of [undefined, gone.accessToken]) {
        const { status, code } = await outcome(world, procedure, input, token)
        expect([procedure.path, status, code]).toEqual([procedure.path, 401, 'UNAUTHORIZED'])
      }
    }
  })

  test('an admin of another company finds nothing', async ({ world }) => {
    const [{ inputs }, other] = await Promise.all([inputsOf(world), world.company()])
    for (const procedure of allProcedures.filter(({ meta }) => meta.role)) {
      const input = inputs[procedure.path] ?? {}
      const { status, code } = await outcome(world, procedure, input, other.admin.accessToken)
      expect([procedure.path, status, code]).toEqual([procedure.path, 404, 'NOT_FOUND'])
    }
  })

  test('each role does what its level includes, and is told which role the rest needs', async ({ world }) => {
    const { company, inputs } = await inputsOf(world)
    for (const [path, input] of Object.entries(inputs)) {
      const procedure = allProcedures.find((one) => one.path === path)
      if (!procedure) throw new Error(`there is no procedure ${path}`)
      const needed: Role = procedure.meta.role ?? 'viewer'
      for (const held of roles) {
        const { status, code, message } = await outcome(world, procedure, input, company[held].accessToken)
        const cell = `${path} as ${held}: ${status} ${message}`
        if (!includesRole(held, needed)) expect(cell).toContain(`403 This needs the role ${needed}`)
        else expect(['FORBIDDEN', 'UNAUTHORIZED', 'BAD_REQUEST', 'INTERNAL', cell]).not.toContain(code)
        if (includesRole(held, needed))
          expect(cell).not.toMatch(
            /There is no (company|studio|run|file|folder|bulk operation|cause of failures) [0-9a-f]/,
          )
      }
    }
  })
})
