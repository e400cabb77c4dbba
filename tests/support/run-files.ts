import { createHash } from 'node:crypto'
import { readFileAction } from '../../catalog/http-actions.ts'
import { type KeptFile, keepFile } from './files.ts'
import { plainEnvelope, type TestWorkflow } from './flows.ts'
import type { Person, World } from './world.ts'
import { unique } from './world.ts'

export const fileField = { type: 'string', format: 'studio-file' } as const

/** An input schema with a file at its top, files in a list, and one further down. */
export const schemaWithFiles = {
  type: 'object',
  properties: {
    note: { type: 'string' },
    file: fileField,
    lists: { type: 'array', items: { type: 'object', properties: { file: fileField } } },
    more: { type: 'object', properties: { second: fileField } },
  },
}

/** Reads the file that its input names and gives its text as the summary. */
export const readsFile: TestWorkflow = {
  pieces: [readFileAction()],
  steps: [
    {
      name: 'look',
      title: 'Look',
      code: `export const code = async ({ text }) => ({ ...${plainEnvelope()}, summary: text })`,
      input: { text: "{{read_studio_file['body']}}" },
    },
  ],
  properties: { file: fileField },
}

/** Text as spreadsheets save it on Windows; of the signs beyond Latin-1 those that the tests use. */
export function inWindows1252(text: string): Buffer {
  const signs = { '€': '\x80', '“': '\x93', '”': '\x94' }
  return Buffer.from(
    text.replaceAll(/[€“”]/g, (sign) => signs[sign as keyof typeof signs]),
    'latin1',
  )
}

/** Gives a file to a run as the worker does when it sends it; gives the link's token. */
export async function giveFile({ stack }: World, executionId: string, fileId: string, version = 1): Promise<string> {
  const token = `srf_${unique().repeat(4)}`
  await stack.owner.query(
    `insert into execution_files (company_id, execution_id, file_id, usage_type, property, version, token_hash)
     select company_id, id, $2, 'input', 'file', $3, $4 from workflow_executions where id = $1`,
    [executionId, fileId, version, createHash('sha256').update(token).digest('hex')],
  )
  return token
}

/** Keeps files of a person in a studio, one for each of these descriptions; their ids. */
export async function keepFiles({ stack }: World, person: Person, list: KeptFile[]): Promise<string[]> {
  const ids: string[] = []
  for (const given of list) ids.push((await keepFile(stack, person, given)).id)
  return ids
}

/** Has no run of a company begin until the function that it gives is called. */
export async function holdRuns({ stack }: World, companyId: string): Promise<() => Promise<void>> {
  await stack.owner.query('insert into company_limits (company_id, max_concurrent_executions) values ($1, 0)', [
    companyId,
  ])
  return async () => {
    await stack.owner.query('delete from company_limits where company_id = $1', [companyId])
    await stack.owner.query(`select pg_notify('studios_worker', '')`)
  }
}
