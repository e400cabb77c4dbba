import { randomBytes } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { test as base } from 'vitest'
import { createStudiosClient, type StudiosClient } from '../../src/client.ts'
import type { Role } from '../../src/contracts/access.ts'
import type { CreateCompanyInput } from '../../src/contracts/companies.ts'
import type { CreateStudioInput } from '../../src/contracts/studios.ts'
import { startTestStack, type TestStack } from './stack.ts'

/** Somebody signed in, with the typed client that speaks for them. */
export interface Person {
  email: string
  password: string
  userId: string
  accessToken: string
  api: StudiosClient
}

/** The people and companies of a test; every call makes new ones, so tests never meet. */
export interface World {
  stack: TestStack
  signUp(fullName?: string): Promise<Person>
  /** A company with one person of each role. */
  company(fields?: Partial<CreateCompanyInput>): Promise<Company>
  studio(
    person: Person,
    companyId: string,
    fields?: Partial<CreateStudioInput>,
  ): ReturnType<Person['api']['studios']['create']['mutate']>
}

export interface Company {
  id: string
  slug: string
  admin: Person
  member: Person
  viewer: Person
}

/** `test` with a `world` on a stack that all files of one worker share: each test has people and companies of its own. */
export const test = base
  .extend(
    'stack',
    { scope: 'worker' }, // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures wanted from the pattern
    async ({}, { onCleanup }) => {
      const stack = await startTestStack()
      onCleanup(() => stack.close())
      return stack
    },
  )
  .extend('world', ({ stack }) => worldOn(stack))

/** The same on a stack that the tests of one file have for themselves; `variables` differ from the defaults. */
export function testWith(variables: Record<string, string>) {
  return base
    .extend(
      'stack',
      { scope: 'file' }, // biome-ignore lint/correctness/noEmptyPattern: vitest reads the fixtures wanted from the pattern
      async ({}, { onCleanup }) => {
        const stack = await startTestStack(variables)
        onCleanup(() => stack.close())
        return stack
      },
    )
    .extend('world', ({ stack }) => worldOn(stack))
}

export function worldOn(stack: TestStack): World {
  const world: World = {
    stack,
    signUp: (fullName = 'Test Person') => signUp(stack, fullName),
    company: async (fields = {}) => {
      const [admin, member, viewer] = await Promise.all([
        world.signUp('Admin One'),
        world.signUp('Member One'),
        world.signUp('Viewer One'),
      ])
      const { id, slug } = await admin.api.companies.create.mutate(companyFields(fields))
      const company = { id, slug, admin, member, viewer }
      await addMembers(stack, company)
      return company
    },
    studio: (person, companyId, fields = {}) =>
      person.api.studios.create.mutate({ companyId, name: `Studio ${unique()}`, businessArea: 'sales', ...fields }),
  }
  return world
}

export function companyFields(fields: Partial<CreateCompanyInput> = {}): CreateCompanyInput {
  return {
    name: `Company ${unique()}`,
    industryType: 'technology',
    contactEmail: 'office@example.com',
    headquartersAddress: '1 Example Street, Sampleton',
    branches: [],
    ...fields,
  }
}

export async function join(
  admin: Person,
  person: Person,
  company: { id: string; slug: string },
  role: Role,
): Promise<void> {
  await person.api.companies.requestJoin.mutate({ slug: company.slug })
  await admin.api.companies.members.approve.mutate({ companyId: company.id, userId: person.userId, role })
}

// As a request to join and its approval leave them, which have tests of their own and would be half of what a company costs.
async function addMembers({ owner }: TestStack, { id, admin, member, viewer }: Company): Promise<void> {
  await owner.query(
    `insert into user_companies (company_id, user_id, role, status, joined_at, approved_by)
     values ($1, $2, 'member', 'approved', now(), $4), ($1, $3, 'viewer', 'approved', now(), $4)`,
    [id, member.userId, viewer.userId, admin.userId],
  )
}

export function unique(): string {
  return randomBytes(5).toString('hex')
}

async function signUp({ url, supabase }: TestStack, fullName: string): Promise<Person> {
  const auth = createClient(supabase.url, supabase.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  }).auth
  const account = { email: `${unique()}@example.com`, password: `Correct-Horse-${unique()}-1` }
  const { data, error } = await auth.signUp({ ...account, options: { data: { full_name: fullName } } })
  if (error || !data.session) throw error ?? new Error('the sign-up gave no session')
  const { access_token: accessToken, user } = data.session
  return { ...account, userId: user.id, accessToken, api: createStudiosClient({ url, accessToken: () => accessToken }) }
}
