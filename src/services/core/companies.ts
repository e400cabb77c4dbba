import { randomBytes, randomUUID } from 'node:crypto'
import type { PageInput } from '../../contracts/common.ts'
import type {
  AddBranchInput,
  Branch,
  Company,
  CreateCompanyInput,
  RemoveBranchInput,
  UpdateBranchInput,
  UpdateCompanyInput,
} from '../../contracts/companies.ts'
import type { Tx } from '../../db/client.ts'
import { readCursor, toPage } from '../../db/paging.ts'
import * as queries from '../../db/queries/companies.ts'
import { badInput, DomainError, notFound } from '../../errors.ts'
import type { ServiceContext } from '../context.ts'
import { missing, requireRole, requireSession } from './access.ts'
import { isNamed, requireBranchPlace } from './branches.ts'

/**
 * Registers a company; the caller becomes its first admin.
 * @throws {DomainError} CONFLICT when the caller has registered one of this name before.
 */
export async function createCompany(ctx: ServiceContext, input: CreateCompanyInput): Promise<Company> {
  refuseTwins(input.branches)
  const companyId = randomUUID()
  return ctx.transaction(async (tx) => {
    await requireSession(tx)
    const slug = await freeSlug(tx, input.name)
    await queries.insertCompany(tx, { ...input, id: companyId, slug, createdBy: ctx.caller.userId })
    return getCompany(tx, companyId)
  })
}

/** The companies the caller belongs to, newest first. */
export async function listCompanies(ctx: ServiceContext, page: PageInput) {
  const after = readCursor(page.cursor)
  return ctx.read(async (tx) => {
    const rows = await queries.listCompanies(tx, after, page.limit + 1)
    if (rows.length === 0) await requireSession(tx)
    return toPage(rows, page.limit, (row) => ({ at: row.createdAt, id: row.id }))
  })
}

export function findCompany(ctx: ServiceContext, companyId: string): Promise<Company> {
  return ctx.read((tx) => getCompany(tx, companyId))
}

/** Changes what was given and leaves the rest. @throws {DomainError} FORBIDDEN unless admin. */
export async function updateCompany(
  ctx: ServiceContext,
  { companyId, ...change }: UpdateCompanyInput,
): Promise<Company> {
  return ctx.transaction(async (tx) => {
    await requireRole(tx, companyId, 'admin')
    if (Object.keys(change).length > 0) await queries.updateCompany(tx, companyId, change)
    return getCompany(tx, companyId)
  })
}

/** @throws {DomainError} CONFLICT when the company has a branch of this name. */
export function addBranch(ctx: ServiceContext, { companyId, ...added }: AddBranchInput): Promise<Company> {
  return changeBranches(ctx, companyId, (branches) => {
    if (branches.some((branch) => isNamed(branch, added.name))) {
      throw new DomainError('CONFLICT', `The company already has a branch named ${added.name}; choose another name.`)
    }
    requireBranchPlace(branches)
    return [...branches, added]
  })
}

export function updateBranch(
  ctx: ServiceContext,
  { companyId, branchName, ...change }: UpdateBranchInput,
): Promise<Company> {
  return changeBranches(ctx, companyId, (branches) => {
    const index = placeOf(branches, branchName)
    const { name } = change
    if (name && branches.some((branch, other) => other !== index && isNamed(branch, name))) {
      throw new DomainError('CONFLICT', `The company already has a branch named ${name}; choose another name.`)
    }
    return branches.map((branch, other) => (other === index ? withChange(branch, change) : branch))
  })
}

export function removeBranch(ctx: ServiceContext, { companyId, branchName }: RemoveBranchInput): Promise<Company> {
  return changeBranches(ctx, companyId, (branches) => branches.toSpliced(placeOf(branches, branchName), 1))
}

async function changeBranches(
  ctx: ServiceContext,
  companyId: string,
  change: (branches: Branch[]) => Branch[],
): Promise<Company> {
  return ctx.transaction(async (tx) => {
    await requireRole(tx, companyId, 'admin')
    const branches = (await queries.lockBranches(tx, companyId)) ?? notFound('company', companyId)
    await queries.updateCompany(tx, companyId, { branches: change(branches) })
    return getCompany(tx, companyId)
  })
}

async function getCompany(tx: Tx, companyId: string): Promise<Company> {
  return (await queries.findCompany(tx, companyId)) ?? missing(tx, 'company', companyId)
}

type BranchChange = Omit<UpdateBranchInput, 'companyId' | 'branchName'>

// null takes a contact away, undefined leaves it.
function withChange(branch: Branch, change: BranchChange): Branch {
  const merged = { ...branch, ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as Branch
}

function placeOf(branches: Branch[], name: string): number {
  const index = branches.findIndex((branch) => isNamed(branch, name))
  return index >= 0 ? index : notFound('branch', name)
}

function refuseTwins(branches: Branch[]): void {
  const twins = branches.flatMap((branch, index) =>
    branches.findIndex((other) => isNamed(other, branch.name)) < index
      ? [
          {
            path: `branches.${index}.name`,
            message: `must be unique within the company; ${branch.name} is there twice`,
          },
        ]
      : [],
  )
  if (twins.length > 0) badInput(twins)
}

async function freeSlug(tx: Tx, name: string): Promise<string> {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
  const words = plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 80)
    .replace(/-+$/, '')
  const slug = words.length >= 3 ? words : `company${words && `-${words}`}`
  return (await queries.isSlugTaken(tx, slug)) ? `${slug}-${randomBytes(4).toString('hex')}` : slug
}
