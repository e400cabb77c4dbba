import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { SupabaseClient } from '@supabase/supabase-js'
import { z } from 'zod'
import { sorted } from '../../support/answers.ts'
import type { Person, Stack } from '../../support/stack.ts'

interface Rules {
  public?: boolean
  fileSizeLimit?: number | string
  allowedMimeTypes?: string[]
}

/** A bucket of a test's own, made with the secret key. */
export async function someBucket(stack: Stack, rules: Rules = {}): Promise<string> {
  const id = `bucket-${randomBytes(5).toString('hex')}`
  const { error } = await stack.admin().storage.createBucket(id, { public: false, ...rules })
  if (error) throw error
  return id
}

/** Lets everybody who is signed in do everything in the folder that is named after them, and nothing elsewhere. */
export async function openOwnFolders(stack: Stack, bucket: string): Promise<void> {
  const own = `bucket_id = '${bucket}' and (storage.foldername(name))[1] = (select auth.uid()::text)`
  await stack.sql.query(`create policy "own folders of ${bucket}" on storage.objects
    for all to authenticated using (${own}) with check (${own})`)
}

/** One policy for one command. */
export async function allow(stack: Stack, command: string, role: string, condition: string): Promise<void> {
  const clause = command === 'insert' ? `with check (${condition})` : `using (${condition})`
  const name = randomBytes(5).toString('hex')
  await stack.sql.query(`create policy "${name}" on storage.objects for ${command} to ${role} ${clause}`)
}

/** Makes the database fail whenever the row of an object with its bytes is written; returns what mends it again. */
export async function breakRows(stack: Stack): Promise<() => Promise<unknown>> {
  await stack.sql.query(`create function public.fail() returns trigger language plpgsql as
    $$ begin raise exception 'broken by the test'; end $$`)
  await stack.sql.query(`create trigger broken before insert or update on storage.objects for each row
    when (new.metadata ? 'eTag') execute function public.fail()`)
  return () => stack.sql.query('drop function public.fail cascade')
}

/** A request as curl would make it, with the secret key or as a person. */
export function call(stack: Stack, path: string, init: RequestInit & { as?: Person | 'nobody' } = {}) {
  const { as, headers, ...rest } = init
  return fetch(`${stack.server.url}/storage/v1${path}`, {
    ...rest,
    headers: { ...keysOf(stack, as), ...Object.fromEntries(new Headers(headers)) },
  })
}

export function keysOf(stack: Stack, as?: Person | 'nobody'): Record<string, string> {
  if (as === 'nobody') return {}
  if (!as) return { apikey: stack.keys.secretKey }
  return { apikey: stack.keys.publishableKey, authorization: `Bearer ${as.session.access_token}` }
}

const fault = z.strictObject({ statusCode: z.string(), code: z.string(), error: z.string(), message: z.string() })

/** Status and body of a refusal; anything else fails the test. */
export async function faultOf(response: Response) {
  return { status: response.status, ...fault.parse(await response.json()) }
}

/** The same of a client's answer, which hides the older name of the fault. */
export function faultIn({ error }: { error: object | null }) {
  return z.looseObject({ status: z.number(), statusCode: z.string(), code: z.string() }).parse({ ...error })
}

/** Names of all files that Storage has on the disk, below its folder. */
export function filesOf(stack: Stack): string[] {
  const folder = join(stack.dataDir, 'storage')
  if (!existsSync(folder)) return []
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return sorted(names.filter((name) => isFile(join(folder, name))))
}

// It may be gone again since its folder was read.
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

export function bytes(count: number): Buffer {
  return randomBytes(count)
}

export async function textOf(client: SupabaseClient, bucket: string, path: string): Promise<string> {
  const { data, error } = await client.storage.from(bucket).download(path)
  if (error) throw error
  return await data.text()
}
