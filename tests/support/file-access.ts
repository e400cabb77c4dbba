import { randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import type { FileAccess } from '../../src/contracts/files.ts'
import { test as base } from '../support/world.ts'
import { databasesOf } from './claims.ts'
import { keepFile } from './files.ts'
import type { TestStack } from './stack.ts'
import { join, type Person, type World, worldOn } from './world.ts'

export const whos = [
  'the owner',
  'a member with access',
  'a member without access',
  'a viewer with access',
  'an admin',
  'an admin of another company',
  'a member whose session has ended',
  'a member who is switched off',
  'a member who was revoked',
] as const
export type Who = (typeof whos)[number]
export type StudioAccess = 'company' | 'restricted'

/** One file of each access in each kind of studio, and everybody who may want something of it. */
export interface AccessPlace {
  stack: TestStack
  companyId: string
  openStudioId: string
  people: Record<Who, Person>
  fileIn(studio: StudioAccess, access: FileAccess): TargetFile
  databases: ReturnType<typeof databasesOf>
}

export interface TargetFile {
  id: string
  studioId: string
  path: string
  access: FileAccess
}

/** `test` with such a place, made once for the file. */
export const test = base.extend('place', { scope: 'file' }, async ({ stack }, { onCleanup }) => {
  const place = await openPlace(worldOn(stack))
  onCleanup(place.databases.close)
  return place
})

async function openPlace(world: World): Promise<AccessPlace> {
  const { stack } = world
  const [{ id: companyId, slug, admin, member, viewer }, other] = await Promise.all([world.company(), world.company()])
  await stack.owner.query('insert into company_limits (company_id, max_users) values ($1, 50)', [companyId])
  const names = ['Owner', 'Outsider', 'Signed Out', 'Switched Off', 'Revoked']
  const signedUp = await Promise.all(names.map((name) => world.signUp(name)))
  for (const person of signedUp) await join(admin, person, { id: companyId, slug }, 'member')
  const [owner = member, outsider = member, signedOut = member, switchedOff = member, revoked = member] = signedUp
  const open = await world.studio(admin, companyId)
  const restricted = await world.studio(admin, companyId, { access: 'restricted' })
  for (const { userId } of [owner, member, viewer, signedOut, switchedOff, revoked])
    await admin.api.studios.members.add.mutate({ studioId: restricted.id, userId })
  const files = new Map<string, TargetFile>()
  for (const [studio, { id: studioId }] of Object.entries({ company: open, restricted })) {
    for (const access of ['private', 'studio', 'company'] as const) {
      const { id, path } = await keepFile(stack, owner, { studioId, accessLevel: access })
      files.set(`${studio} ${access}`, { id, studioId, path, access })
    }
  }
  await signOut(stack, signedOut)
  await stack.owner.query(`update user_profiles set status = 'inactive' where id = $1`, [switchedOff.userId])
  await admin.api.companies.members.revoke.mutate({ companyId, userId: revoked.userId })
  const people: Record<Who, Person> = {
    'the owner': owner,
    'a member with access': member,
    'a member without access': outsider,
    'a viewer with access': viewer,
    'an admin': admin,
    'an admin of another company': other.admin,
    'a member whose session has ended': signedOut,
    'a member who is switched off': switchedOff,
    'a member who was revoked': revoked,
  }
  const fileIn = (studio: StudioAccess, access: FileAccess) => {
    const file = files.get(`${studio} ${access}`)
    if (!file) throw new Error(`there is no such file: ${studio} ${access}`)
    return file
  }
  return { stack, companyId, openStudioId: open.id, people, fileIn, databases: databasesOf(stack) }
}

async function signOut({ supabase }: TestStack, person: Person): Promise<void> {
  const service = createClient(supabase.url, supabase.secretKey, { auth: { persistSession: false } })
  await service.auth.admin.signOut(person.accessToken, 'global')
}

/** Supabase's own storage client under a person's token. */
export function storageOf({ supabase }: TestStack, { accessToken }: Person) {
  const options = { auth: { persistSession: false }, accessToken: async () => accessToken }
  return createClient(supabase.url, supabase.publishableKey, options).storage.from('studio-files')
}

/** Begins an upload of a new file in this person's name, whoever they are; the path that its bytes belong to. */
export async function begunBy({ stack, companyId }: AccessPlace, person: Person, studioId: string): Promise<string> {
  const [fileId, versionId] = [randomUUID(), randomUUID()]
  const path = `${companyId}/${versionId}`
  const told = [companyId, person.userId, path, fileId]
  await stack.owner.query(
    `insert into files (company_id, uploaded_by, supabase_path, id, studio_id, filename, file_size, mime_type)
     values ($1, $2, $3, $4, $5, 'begun.csv', 100, 'text/csv')`,
    [...told, studioId],
  )
  await stack.owner.query(
    `insert into file_versions (company_id, uploaded_by, supabase_path, file_id, id, file_size, mime_type, expires_at)
     values ($1, $2, $3, $4, $5, 100, 'text/csv', now() + interval '1 hour')`,
    [...told, versionId],
  )
  return path
}

/** Puts a file back as it was before somebody changed it. */
export async function putBack({ stack }: AccessPlace, { id, access }: TargetFile): Promise<void> {
  await stack.owner.query(
    `update files set filename = 'notes.csv', access_level = $2, folder_id = null, deleted_at = null where id = $1`,
    [id, access],
  )
}
