import { z } from 'zod'
import { email, id, line, timestamp } from './common.ts'

export const integrationKinds = ['activepieces'] as const
export const integrationStatuses = ['unchecked', 'ready', 'failing'] as const

const maxRuns = z.int().min(1).max(10_000).default(50).describe('Runs that this engine carries out at once.')
const projectId = z
  .string()
  .max(21)
  .regex(/^[0-9A-Za-z]{21}$/, 'must be the 21 letters and digits of a project at the engine')

/** What is public of a company's own engine. */
export const integrationSettings = z.object({
  url: z.url({ protocol: /^https?$/ }).max(500),
  projectId: projectId.optional(),
  maxRuns,
})
export type IntegrationSettings = z.infer<typeof integrationSettings>

const engineAccount = z.union([
  z.object({ apiKey: line(8, 500).describe('An API key of the engine (enterprise edition, cloud).') }),
  z.object({
    email: email.describe('The account that signs in to the engine (community edition).'),
    password: z.string().min(1).max(500),
  }),
])

/**
 * An engine of the company's own, used for its runs in the platform's place. The account is kept in the vault and is
 * never shown again. An API key belongs to no single project: `projectId` is needed with it.
 */
export const setIntegrationInput = z
  .object({
    companyId: id,
    kind: z.enum(integrationKinds).default('activepieces'),
    url: z
      .url({ protocol: /^https?$/, error: 'must be an address such as https://engine.example.com' })
      .max(500)
      .refine((text) => isBare(text), 'must be the address alone: no account, no query and no fragment in it')
      .describe('Where the engine is, without /api/v1.'),
    projectId: projectId.optional(),
    account: engineAccount,
    maxRuns,
  })
  .refine(({ account, projectId: project }) => !('apiKey' in account) || project !== undefined, {
    path: ['projectId'],
    error: 'is needed with an API key, which belongs to no single project',
  })
export type SetIntegrationInput = z.infer<typeof setIntegrationInput>

export const integrationInput = z.object({ companyId: id, kind: z.enum(integrationKinds).default('activepieces') })
export type IntegrationInput = z.infer<typeof integrationInput>

/** A company's own engine as its admins see it; nothing of its account is told. */
export const integration = z.object({
  id,
  companyId: id,
  kind: z.enum(integrationKinds),
  settings: integrationSettings,
  status: z.enum(integrationStatuses),
  statusMessage: z.string().nullable(),
  checkedAt: timestamp.nullable(),
  createdBy: id,
  createdAt: timestamp,
  updatedAt: timestamp,
  removedAt: timestamp.nullable(),
})
export type Integration = z.infer<typeof integration>

/** Null where the company has none of its own: its runs are the platform's engine's. */
export const companyIntegration = z.object({ integration: integration.nullable() })

/** What the vault keeps of a company's own engine. */
export const integrationSecret = z.object({
  apiKey: z.string().optional(),
  email: z.string().optional(),
  password: z.string().optional(),
  /** Sent to the flows published at this engine; made here, never shown. */
  webhookSecret: z.string(),
})
export type IntegrationSecret = z.infer<typeof integrationSecret>

function isBare(text: string): boolean {
  const url = URL.parse(text)
  return Boolean(url && !url.username && !url.password && !url.search && !url.hash)
}
