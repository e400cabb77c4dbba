import { randomBytes } from 'node:crypto'
import type { Integration, IntegrationInput, SetIntegrationInput } from '../../contracts/integrations.ts'
import * as queries from '../../db/queries/integrations.ts'
import { badInput, DomainError } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { requireRole } from '../core/access.ts'
import type { EngineStatusReport } from './engine.ts'

/**
 * Gives a company an engine of its own, or changes it. What is at the same address and in the same project keeps its
 * published workflows; anything else takes the place of the one before for the runs to come.
 * @throws {DomainError} BAD_REQUEST for an address that the service may not call, CONFLICT when two do it at once.
 */
export async function setIntegration(ctx: ServiceContext, input: SetIntegrationInput): Promise<Integration> {
  const url = input.url.replace(/\/+(api\/v1\/*)?$/, '')
  const fault = ctx.companyEngines.refusal(url)
  await ctx.read((tx) => requireRole(tx, input.companyId, 'admin'))
  if (fault) return badInput([{ path: 'url', message: fault }])
  const settings = {
    url,
    ...(input.projectId === undefined ? {} : { projectId: input.projectId }),
    maxRuns: input.maxRuns,
  }
  const secret = { ...input.account, webhookSecret: randomBytes(24).toString('hex') }
  await ctx.vouched((tx) => queries.putIntegration(tx, input, { settings, secret }))
  return getIntegration(ctx, input)
}

/** A company's own engine; undefined where it has none. */
export async function findIntegration(ctx: ServiceContext, input: IntegrationInput): Promise<Integration | undefined> {
  return ctx.read(async (tx) => {
    await requireRole(tx, input.companyId, 'admin')
    return queries.findIntegration(tx, input)
  })
}

/**
 * Asks the engine now whether it is well and takes the account, and notes the answer.
 * @throws {DomainError} PRECONDITION_FAILED when the company has no engine of its own.
 */
export async function checkIntegration(ctx: ServiceContext, input: IntegrationInput): Promise<Integration> {
  const known = await getIntegration(ctx, input)
  const secret = await ctx.vouched((tx) => queries.findIntegrationSecret(tx, known.id))
  if (!secret) throw new Error('the vault holds nothing of an integration that is in use')
  const report = await ctx.companyEngines.ask(known.settings, secret)
  const found = {
    status: report.problem ? ('failing' as const) : ('ready' as const),
    statusMessage: sentenceOf(report).slice(0, 500),
  }
  await ctx.vouched((tx) => queries.updateIntegrationStatus(tx, known, found))
  return getIntegration(ctx, input)
}

/**
 * Takes a company's own engine out of use: runs to come are the platform's engine's, those under way finish where they are.
 * @throws {DomainError} PRECONDITION_FAILED when the company has none.
 */
export async function removeIntegration(ctx: ServiceContext, input: IntegrationInput): Promise<Integration> {
  await ctx.read((tx) => requireRole(tx, input.companyId, 'admin'))
  const removed = await ctx.vouched((tx) => queries.removeIntegration(tx, input))
  if (!removed) return noEngine()
  return (await ctx.read((tx) => queries.findIntegrationById(tx, removed))) ?? noEngine()
}

async function getIntegration(ctx: ServiceContext, input: IntegrationInput): Promise<Integration> {
  return (await findIntegration(ctx, input)) ?? noEngine()
}

function sentenceOf({ problem, version, edition }: EngineStatusReport): string {
  if (problem) return problem
  return `The engine is well and takes the account (version ${version ?? 'unknown'}, edition ${edition ?? 'unknown'}).`
}

function noEngine(): never {
  throw new DomainError(
    'PRECONDITION_FAILED',
    "The company has no engine of its own; its runs are carried out by the platform's engine.",
  )
}
