import { allProcedures } from '../contracts/procedures.ts'
import { keepFile, keepVersion } from '../support/files.ts'
import { putBytes } from '../support/uploads.ts'
import { companyFields, type Person, type World } from '../support/world.ts'
import type { Answer } from './calls.ts'

type Input = Record<string, unknown>
type Transport = (procedure: (typeof allProcedures)[number], input: Input, token: string) => Promise<Answer>

/** What a call answered, under the procedure's name. */
export type Told = [path: string, answer: unknown]

const templateId = 'deal-pipeline-analysis'

/** Calls every mutation once, on people and companies of its own, and tells what each answered. */
export async function playJourney(world: World, transport: Transport, answerOf: (answer: Answer) => unknown) {
  const told: Told[] = []
  const call = async (person: Person, path: string, input: Input): Promise<Record<string, unknown>> => {
    const procedure = allProcedures.find((one) => one.path === path)
    if (!procedure) throw new Error(`there is no procedure ${path}`)
    const answer = answerOf(await transport(procedure, input, person.accessToken))
    told.push([path, answer])
    return Object(answer)
  }
  const [ana, eve, bob] = await Promise.all([world.signUp('Ana'), world.signUp('Eve'), world.signUp('Bob')])
  await call(ana, 'me.update', { fullName: 'Ana Renamed' })
  const { id: companyId, slug } = await call(ana, 'companies.create', { ...companyFields() })
  await call(ana, 'companies.update', { companyId, headquartersAddress: '9 Moved Street, Sampleton' })
  await call(ana, 'companies.branches.add', { companyId, name: 'Port & Süd', address: '2 Quay Road' })
  await call(ana, 'companies.branches.update', { companyId, branchName: 'Port & Süd', contactPhone: '+49 40 12345' })
  await call(ana, 'companies.branches.remove', { companyId, branchName: 'Port & Süd' })
  const member = { companyId, userId: eve.userId }
  await call(eve, 'companies.requestJoin', { slug })
  await call(ana, 'companies.members.reject', member)
  await call(eve, 'companies.requestJoin', { slug })
  await call(bob, 'companies.requestJoin', { slug })
  await call(ana, 'companies.members.approve', { ...member, role: 'viewer' })
  await call(ana, 'companies.members.approve', { companyId, userId: bob.userId })
  await call(ana, 'companies.members.changeRole', { ...member, role: 'member' })
  const { id: studioId } = await call(eve, 'studios.create', { companyId, name: 'Desk', businessArea: 'sales' })
  await call(ana, 'studios.update', { studioId, access: 'restricted' })
  await call(ana, 'studios.members.add', { studioId, userId: bob.userId })
  await call(ana, 'studios.members.remove', { studioId, userId: bob.userId })
  const table = { filename: 'table.csv', fileSize: 8, mimeType: 'text/csv' }
  const upload = await call(ana, 'files.beginUpload', { studioId, ...table, accessLevel: 'company', tags: ['crm'] })
  await putBytes(String(upload['uploadUrl']), 'a,b\n1,2\n')
  const { id: fileId } = await call(ana, 'files.confirmUpload', { uploadId: upload['uploadId'] })
  const { uploadId } = await call(ana, 'files.beginVersion', { fileId, fileSize: 9, mimeType: 'text/csv' })
  await call(ana, 'files.abandonUpload', { uploadId })
  await call(ana, 'files.downloadLink', { fileId, expiresInSeconds: 60 })
  await world.stack.owner.query('insert into company_limits (company_id, max_concurrent_executions) values ($1, 0)', [
    companyId,
  ])
  const { id } = await ana.api.catalog.byId.query({ templateId })
  const started = await call(ana, 'executions.start', { studioId, templateId: id, input: { data: 'a,b\n' } })
  const { id: executionId } = Object(started['execution'])
  await call(ana, 'executions.pause', { executionId })
  await call(ana, 'executions.resume', { executionId })
  for (const status of ['running', 'failed'])
    await world.stack.owner.query('update workflow_executions set status = $2 where id = $1', [executionId, status])
  const [cause] = (await ana.api.attention.list.query({ companyId: String(companyId) })).items
  await call(ana, 'attention.update', { companyId, groupId: cause?.id, state: 'ignored' })
  await call(ana, 'attention.replayAll', { companyId, groupId: cause?.id, expectedCount: 1 })
  await call(ana, 'executions.retry', { executionId, from: 'start' })
  await call(ana, 'executions.cancel', { executionId })
  await call(ana, 'executions.replay', { executionId, input: { data: 'c,d\n' } })
  const weekly = { name: 'Weekly', cron: '0 8 * * 1', timezone: 'Europe/Berlin', input: { data: 'a,b\n' } }
  const schedule = await call(ana, 'schedules.create', { studioId, templateId: id, ...weekly })
  const key = { companyId, scheduleId: schedule['id'] }
  await call(ana, 'schedules.update', { ...key, isActive: false })
  await call(ana, 'schedules.remove', key)
  await call(ana, 'bulk.preview', { companyId, action: 'cancel', filter: {} })
  const { id: operationId } = await call(ana, 'bulk.start', { companyId, action: 'cancel', filter: { studioId } })
  await call(ana, 'bulk.abort', { companyId, operationId })
  const account = { email: 'engine@example.com', password: 'not-tried' }
  await call(ana, 'integrations.set', { companyId, url: 'https://engine.invalid', account })
  await call(ana, 'integrations.check', { companyId })
  await call(ana, 'integrations.remove', { companyId })
  const shared = await call(ana, 'sharing.create', { fileId, label: 'For the auditors', maxUses: 3 })
  await call(ana, 'sharing.revoke', { shareId: Object(shared['share']).id })
  await call(ana, 'sharing.revokeAll', { companyId, fileId })
  await organiseFiles(world, ana, { companyId, studioId }, call)
  await call(ana, 'studios.archive', { studioId })
  await call(bob, 'companies.members.leave', { companyId })
  await call(ana, 'companies.members.revoke', member)
  return told
}

type Call = (person: Person, path: string, input: Input) => Promise<Record<string, unknown>>

async function organiseFiles({ stack }: World, ana: Person, { companyId, studioId }: Input, call: Call) {
  const { id: folderId } = await call(ana, 'folders.create', { studioId, name: 'Contracts' })
  await call(ana, 'folders.rename', { folderId, name: 'Verträge' })
  await call(ana, 'folders.move', { folderId, parentId: null })
  const { id: fileId } = await keepFile(stack, ana, { studioId: String(studioId) })
  await keepVersion(stack, ana, fileId, 'c,d\n')
  await call(ana, 'files.update', { fileId, filename: 'Übersicht.csv', tags: ['a', 'b'], metadata: { year: 2024 } })
  await call(ana, 'files.move', { fileId, folderId })
  await call(ana, 'files.versions.restore', { fileId, version: 1 })
  await call(ana, 'files.versions.delete', { fileId, version: 2 })
  await call(ana, 'folders.trash', { folderId })
  await call(ana, 'folders.restore', { folderId })
  await call(ana, 'files.trash', { fileId })
  await call(ana, 'files.restore', { fileId })
  await call(ana, 'files.trash', { fileId })
  await call(ana, 'files.deleteForever', { fileId })
  await call(ana, 'files.emptyTrash', { companyId })
  await call(ana, 'files.policy.set', { companyId, trashDays: 7, allowedTypes: ['text/csv'] })
}

const generated =
  /\/shared\/[\w-]{43}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z|\b[0-9a-f]{10}\b|token=[\w.-]+/g

/** The same with everything that each journey makes anew blotted out. */
export function withoutIds(told: Told[]): unknown {
  return JSON.parse(JSON.stringify(told).replaceAll(generated, '…'))
}
