import { randomBytes } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { createStudiosClient, type StudiosClient } from '../../src/client.ts'
import type { Execution, ExecutionEvent } from '../../src/contracts/executions.ts'
import { uploadFrom } from '../files/upload.ts'
import { sizeText } from '../progress.ts'
import { checkFigures } from './checks.ts'
import type { DemoFile } from './input.ts'
import { showResult, step } from './show.ts'

interface Person {
  api: StudiosClient
  userId: string
}

/** Sign-up, company, branches, a colleague, studio, catalog, run, live events, result: all through the public API. */
export async function playJourney({ url }: { url: string }, file: DemoFile): Promise<void> {
  const ana = await signUp(url, 'Ana', 'Ana Founder')
  const company = await registerCompany(ana)
  await letColleagueIn(url, ana, company)
  const studio = await ana.api.studios.create.mutate({ companyId: company.id, name: 'Sales', businessArea: 'sales' })
  step('opened the studio', studio.name)
  const kept = await uploadFrom(ana.api, file.path, { studioId: studio.id, tags: ['crm'] })
  step('uploaded', `${kept.filename} (${sizeText(kept.fileSize)}, ${kept.mimeType})`)
  const template = await chooseWorkflow(ana)
  const input = { ...file.options, file: kept.id }
  const started = await ana.api.executions.start.mutate({ studioId: studio.id, templateId: template.id, input })
  step('started', `${template.name} on ${kept.filename}`)
  await watchUntilEnd(ana.api, started.execution.id)
  const run = await ana.api.executions.byId.query({ executionId: started.execution.id })
  expectSame('the file that the run used', run.filesUsed.map(({ file_id }) => file_id).join(), kept.id)
  showResult(run)
  checkRun(run, file)
}

async function signUp(url: string, name: string, fullName: string): Promise<Person> {
  const { auth: address } = await createStudiosClient({ url }).system.info.query()
  const { auth } = createClient(address.url, address.publishableKey, {
    auth: { persistSession: false, autoRefreshToken: false },
  })
  const account = {
    email: `${name.toLowerCase()}.${randomBytes(4).toString('hex')}@example.com`,
    password: `Demo-${randomBytes(8).toString('hex')}-1`,
  }
  const { data, error } = await auth.signUp({ ...account, options: { data: { full_name: fullName } } })
  if (error || !data.session) throw error ?? new Error('the sign-up gave no session')
  const token = data.session.access_token
  step('signed up', account.email)
  return { api: createStudiosClient({ url, accessToken: () => token }), userId: data.session.user.id }
}

async function registerCompany({ api }: Person) {
  const company = await api.companies.create.mutate({
    name: 'Example Hardware',
    industryType: 'technology',
    contactEmail: 'office@example.com',
    headquartersAddress: '1 Example Street, Sampleton',
  })
  await api.companies.branches.add.mutate({ companyId: company.id, name: 'North', address: '2 North Road, Sampleton' })
  const whole = await api.companies.branches.add.mutate({
    companyId: company.id,
    name: 'South',
    address: '3 South Road, Sampleton',
  })
  expectSame('branches', whole.branches.map((branch) => branch.name).join(', '), 'North, South')
  step('registered the company', `${company.name} with headquarters and ${whole.branches.length} branches`)
  return whole
}

async function letColleagueIn(url: string, ana: Person, company: { id: string; slug: string }): Promise<void> {
  const ben = await signUp(url, 'Ben', 'Ben Colleague')
  await ben.api.companies.requestJoin.mutate({ slug: company.slug })
  const waiting = await ana.api.companies.members.list.query({ companyId: company.id, status: 'pending' })
  expectSame('waiting requests', waiting.items.map((member) => member.userId).join(), ben.userId)
  const member = await ana.api.companies.members.approve.mutate({
    companyId: company.id,
    userId: ben.userId,
    role: 'member',
  })
  step('let in', `${member.fullName} as ${member.role}`)
}

async function chooseWorkflow({ api }: Person) {
  const facets = await api.catalog.facets.query({})
  const found = await api.catalog.list.query({ search: 'deal pipline' })
  const template = await api.catalog.byId.query({ templateId: 'deal-pipeline-analysis' })
  expectSame('the best match for "deal pipline"', found.items[0]?.slug, template.slug)
  step('found in the catalog', `${template.name}, one of ${facets.total} workflows`)
  process.stdout.write(`    ${template.valueProposition}\n`)
  for (const part of template.steps) process.stdout.write(`    - ${part.title}: ${part.explanation}\n`)
  return template
}

function watchUntilEnd(api: StudiosClient, executionId: string): Promise<void> {
  return new Promise((done, fail) => {
    api.executions.watch.subscribe(
      { executionId },
      {
        onData: ({ data }) => showEvent(data),
        onError: fail,
        onComplete: done,
      },
    )
  })
}

function showEvent(event: ExecutionEvent): void {
  const mark = event.level === 'error' ? '!' : '·'
  process.stdout.write(`    ${event.createdAt.slice(11, 23)} ${mark} ${event.message}\n`)
}

function checkRun(run: Execution, file: DemoFile): void {
  expectSame('the run', run.status, 'succeeded')
  checkFigures(run, file)
}

function expectSame(what: string, found: unknown, right: unknown): void {
  if (found !== right) throw new Error(`${what}: found ${JSON.stringify(found)}, expected ${JSON.stringify(right)}.`)
}
