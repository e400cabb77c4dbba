import { z } from 'zod'

export const integrationKinds = ['activepieces'] as const
export const integrationStatuses = ['unchecked', 'ready', 'failing'] as const

/** What is public of a company's own engine. */
export const integrationSettings = z.object({
  url: z.url({ protocol: /^https?$/ }).max(500),
  projectId: z
    .string()
    .regex(/^[0-9A-Za-z]{21}$/)
    .optional(),
  maxRuns: z.int().min(1).max(10_000).default(50).describe('Runs that this engine carries out at once.'),
})
export type IntegrationSettings = z.infer<typeof integrationSettings>
