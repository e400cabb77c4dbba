import { describe, expect } from 'vitest'
import type { FileAccess } from '../../src/contracts/files.ts'
import { refusalOf, runAs } from '../db/support/run.ts'
import { refusal } from '../routers/refusal.ts'
import { claimsOf } from '../support/claims.ts'
import {
  type AccessPlace,
  begunBy,
  putBack,
  type StudioAccess,
  storageOf,
  type TargetFile,
  test,
  type Who,
  whos,
} from '../support/file-access.ts'
import type { Person } from '../support/world.ts'

// DATA-MODEL, "Who may do what": who is in the company, who of them may enter the studio, who of them works there.
const inCompany: Who[] = [
  'the owner',
  'a member with access',
  'a member without access',
  'a viewer with access',
  'an admin',
]
const inStudio: Record<StudioAccess, Who[]> = {
  company: inCompany,
  restricted: inCompany.filter((who) => who !== 'a member without access'),
}
const working = (people: Who[]) => people.filter((who) => who !== 'a viewer with access')

const readers: Record<FileAccess, (studio: StudioAccess) => Who[]> = {
  private: () => ['the owner'],
  studio: (studio) => inStudio[studio],
  company: () => inCompany,
}
const changers: Record<FileAccess, (studio: StudioAccess) => Who[]> = {
  private: () => ['the owner'],
  studio: (studio) => working(inStudio[studio]),
  company: (studio) => working(inStudio[studio]),
}
const both = (some: Who[], others: Who[]) => some.filter((who) => others.includes(who))

interface Verb {
  /** Who may; nobody else may. */
  may(access: FileAccess, studio: StudioAccess): Who[]
  /** Tries it; whether it was done. */
  attempt(place: AccessPlace, person: Person, file: TargetFile): Promise<boolean>
}

const throughApi = async (call: Promise<unknown>): Promise<boolean> => {
  const done = await call.then(
    () => true,
    () => false,
  )
  if (!done) expect(['NOT_FOUND', 'FORBIDDEN', 'UNAUTHORIZED']).toContain((await refusal(call)).code)
  return done
}

const bySql = async (place: AccessPlace, person: Person, text: string, values: unknown[]): Promise<boolean> => {
  const statement = runAs(place.databases.api, claimsOf(person))(text, values)
  const refused = await refusalOf(statement)
  if (refused) expect(['42501', 'ST001']).toContain(refused.state)
  return !refused && (await statement).length > 0
}

const reads: Verb['may'] = (access, studio) => readers[access](studio)
const changes: Verb['may'] = (access, studio) => changers[access](studio)
const nobody = () => []

const verbs: Record<string, Verb> = {
  'sees the row through the API': {
    may: reads,
    attempt: (_, { api }, { id }) => throughApi(api.files.byId.query({ fileId: id })),
  },
  'finds the row in the list': {
    may: reads,
    attempt: async ({ companyId }, { api }, { id, access }) => {
      const list = api.files.list.query({ companyId, accessLevel: access, search: 'notes', limit: 100 })
      return (await throughApi(list)) && (await list).items.some((file) => file.id === id)
    },
  },
  'sees the row by SQL': {
    may: reads,
    attempt: (place, person, { id }) => bySql(place, person, 'select id from files where id = $1', [id]),
  },
  'is told by SQL that it has such a name': {
    may: reads,
    attempt: (place, person, { id }) => {
      const found = 'select id from app.found_file_ids($1, $2, null, 1000) id where id = $3'
      return bySql(place, person, found, [place.companyId, '%NOTES%', id])
    },
  },
  'sees the version by SQL': {
    may: reads,
    attempt: (place, person, { id }) => bySql(place, person, 'select id from file_versions where file_id = $1', [id]),
  },
  'reads the bytes': {
    may: reads,
    attempt: async ({ stack }, person, { path }) => {
      const { data } = await storageOf(stack, person).download(path)
      return data !== null && (await data.text()) === 'a,b\n1,2\n'
    },
  },
  'is told of the object': {
    may: reads,
    attempt: async ({ stack }, person, { path }) => (await storageOf(stack, person).info(path)).error === null,
  },
  'is given a link to the bytes': {
    may: reads,
    attempt: async (_, { api }, { id }) => {
      const link = api.files.downloadLink.mutate({ fileId: id, expiresInSeconds: 60 })
      return (await throughApi(link)) && (await fetch((await link).url)).ok
    },
  },
  'makes a link at the storage': {
    may: nobody,
    attempt: async ({ stack }, person, { path }) => {
      const storage = storageOf(stack, person)
      const [one, many] = [await storage.createSignedUrl(path, 60), await storage.createSignedUrls([path], 60)]
      return one.data !== null || Boolean(many.data?.some(({ signedUrl }) => signedUrl))
    },
  },
  'lists it in the storage': {
    may: reads,
    attempt: async ({ stack, companyId }, person, { path }) => {
      const { data } = await storageOf(stack, person).list(companyId, { limit: 1000 })
      return Boolean(data?.some(({ name }) => path.endsWith(name)))
    },
  },
  'copies the bytes into an upload begun in their name': {
    may: (access, studio) => both(reads(access, studio), working(inCompany)),
    attempt: async (place, person, { path }) => {
      const own = await begunBy(place, person, place.openStudioId)
      return (await storageOf(place.stack, person).copy(path, own)).error === null
    },
  },
  'copies the bytes elsewhere': {
    may: nobody,
    attempt: async ({ stack }, person, { path }) =>
      (await storageOf(stack, person).copy(path, `${path}-${person.userId}`)).error === null,
  },
  'renames it': {
    may: changes,
    attempt: (_, { api }, { id }) => throughApi(api.files.update.mutate({ fileId: id, filename: 'renamed.csv' })),
  },
  'renames it by SQL': {
    may: changes,
    attempt: (place, person, { id }) =>
      bySql(place, person, `update files set filename = 'renamed.csv' where id = $1 returning id`, [id]),
  },
  'moves it': {
    may: changes,
    attempt: (_, { api }, { id, studioId }) => throughApi(api.files.move.mutate({ fileId: id, studioId })),
  },
  'puts it into the trash': {
    may: changes,
    attempt: (_, { api }, { id }) => throughApi(api.files.trash.mutate({ fileId: id })),
  },
  'puts it into the trash by SQL': {
    may: changes,
    attempt: (place, person, { id }) =>
      bySql(place, person, 'update files set deleted_at = now() where id = $1 returning id', [id]),
  },
  'changes who may read it': {
    may: (access, studio) => both(changes(access, studio), ['the owner', 'an admin']),
    attempt: (_, { api }, { id, access }) => {
      const accessLevel = access === 'studio' ? 'company' : 'studio'
      return throughApi(api.files.update.mutate({ fileId: id, accessLevel }))
    },
  },
  'changes by SQL who may read it': {
    may: (access, studio) => both(changes(access, studio), ['the owner', 'an admin']),
    attempt: (place, person, { id, access }) =>
      bySql(place, person, 'update files set access_level = $2 where id = $1 returning id', [
        id,
        access === 'studio' ? 'company' : 'studio',
      ]),
  },
  'makes it private by SQL': {
    may: () => ['the owner'],
    attempt: (place, person, { id }) =>
      bySql(place, person, `update files set access_level = 'private' where id = $1 returning id`, [id]),
  },
  'takes it over, points it at other bytes or deletes it by SQL': {
    may: nobody,
    attempt: async (place, person, { id }) => {
      const own = `update files set uploaded_by = $2 where id = $1 returning id`
      const other = `update files set supabase_path = $2 where id = $1 returning id`
      const all = [bySql(place, person, own, [id, person.userId]), bySql(place, person, other, [id, 'elsewhere'])]
      const gone = bySql(place, person, 'delete from files where id = $1 returning id', [id])
      return (await Promise.all([...all, gone])).some(Boolean)
    },
  },
  'puts other bytes in their place': {
    may: nobody,
    attempt: async ({ stack }, person, { path }) => {
      const storage = storageOf(stack, person)
      const added = await storage.upload(path, 'other', { contentType: 'text/csv' })
      const replaced = await storage.upload(path, 'other', { contentType: 'text/csv', upsert: true })
      const updated = await storage.update(path, 'other', { contentType: 'text/csv' })
      return [added, replaced, updated].some(({ error }) => error === null)
    },
  },
  'sends bytes to an upload that the owner has begun': {
    may: () => ['the owner'],
    attempt: async (place, person, { studioId }) => {
      const path = await begunBy(place, place.people['the owner'], studioId)
      return (await storageOf(place.stack, person).upload(path, 'x', { contentType: 'text/csv' })).error === null
    },
  },
  'makes a link for sending bytes to an upload that the owner has begun': {
    may: () => ['the owner'],
    attempt: async (place, person, { studioId }) => {
      const path = await begunBy(place, place.people['the owner'], studioId)
      return (await storageOf(place.stack, person).createSignedUploadUrl(path)).error === null
    },
  },
  'moves the bytes in the storage': {
    may: nobody,
    attempt: async ({ stack }, person, { path }) =>
      (await storageOf(stack, person).move(path, `${path}-moved`)).error === null,
  },
  'removes the bytes from the storage': {
    may: nobody,
    attempt: async ({ stack }, person, { path }) =>
      Boolean((await storageOf(stack, person).remove([path])).data?.length),
  },
}

const accesses: FileAccess[] = ['private', 'studio', 'company']
const studios: StudioAccess[] = ['company', 'restricted']
const cells = studios.flatMap((studio) => accesses.map((access) => ({ studio, access })))

describe.each(cells)('of a file for "$access" in a studio open to "$studio"', ({ studio, access }) => {
  test.for(Object.entries(verbs))('%s', async ([, { may, attempt }], { place }) => {
    const file = place.fileIn(studio, access)
    const allowed: Who[] = []
    for (const who of whos) {
      await putBack(place, file)
      if (await attempt(place, place.people[who], file)) allowed.push(who)
    }
    await putBack(place, file)
    expect(allowed).toEqual(whos.filter((who) => may(access, studio).includes(who)))
  })
})
