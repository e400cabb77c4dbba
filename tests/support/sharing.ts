import { type KeptFile, keepFile } from './files.ts'
import { test as base, type Company, type Person, type World } from './world.ts'

/** `test` with a `desk`: a company with a studio, for sharing what lies in it. */
export const test = base.extend('desk', ({ world }) => openDesk(world))

export interface Desk {
  company: Company
  studioId: string
  /** Puts a ready file of the member's into the studio. */
  keep(given?: Partial<KeptFile>, owner?: Person): ReturnType<typeof keepFile>
  folder(name?: string): Promise<string>
}

async function openDesk(world: World): Promise<Desk> {
  const company = await world.company()
  const { id: studioId } = await world.studio(company.admin, company.id)
  return {
    company,
    studioId,
    keep: (given = {}, owner = company.member) => keepFile(world.stack, owner, { studioId, ...given }),
    folder: async (name = 'Inbox') => {
      const { rows } = await world.stack.owner.query<{ id: string }>(
        'insert into folders (company_id, studio_id, name, created_by) values ($1, $2, $3, $4) returning id',
        [company.id, studioId, name, company.member.userId],
      )
      return rows[0]?.id ?? ''
    },
  }
}

export interface Answer {
  status: number
  headers: Headers
  text: string
}

/** What somebody without an account gets who opens an address, as a browser or, with `json`, as a program. */
export async function visit(
  url: string,
  { json = true, ...init }: RequestInit & { json?: boolean } = {},
): Promise<Answer> {
  const headers = new Headers(init.headers)
  headers.set('accept', json ? 'application/json' : 'text/html,application/xhtml+xml,*/*;q=0.8')
  const response = await fetch(url, { ...init, headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

/** Asks for the file behind a link, with a password as programs or as pages send it. */
export function download(url: string, given: { password?: string; json?: boolean } = {}): Promise<Answer> {
  const { password, json = true } = given
  if (password === undefined) return visit(`${url}/download`, { method: 'POST', json })
  const body = json ? JSON.stringify({ password }) : new URLSearchParams({ password })
  const headers = json ? { 'content-type': 'application/json' } : {}
  return visit(`${url}/download`, { method: 'POST', json, body, headers })
}

export interface Sent {
  content?: string
  filename?: string
  type?: string
  password?: string
  json?: boolean
}

/** Sends a file through a link into a folder. */
export function sendThrough(url: string, sent: Sent = {}): Promise<Answer> {
  const { content = 'a,b\n1,2\n', filename = 'sent.csv', type = 'text/csv', password, json = true } = sent
  const form = new FormData()
  if (password !== undefined) form.append('password', password)
  form.append('file', new Blob([content], { type }), filename)
  return visit(`${url}/files`, { method: 'POST', json, body: form })
}

/** What the audit holds of a link's openings, oldest first. */
export async function openings({ stack }: World, shareId: string) {
  const { rows } = await stack.owner.query(
    `select action, actor, user_id, changes, ip_address, user_agent, request_id from audit_logs
     where resource_type = 'file_shares' and resource_id = $1 and actor = 'link' order by created_at, id`,
    [shareId],
  )
  return rows
}
