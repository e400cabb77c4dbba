import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Company, CreateCompanyInput, UpdateCompanyInput } from '../../contracts/companies.ts'
import type { Tx } from '../client.ts'
import { behind, newestFirst, type Position } from '../paging.ts'
import { companies, userCompanies } from '../schema/index.ts'

type NewCompany = CreateCompanyInput & { id: string; slug: string; createdBy: string }
type CompanyChange = Omit<UpdateCompanyInput, 'companyId'> & { branches?: Company['branches'] }

const shown = {
  id: companies.id,
  name: companies.name,
  slug: companies.slug,
  industryType: companies.industryType,
  contactEmail: companies.contactEmail,
  contactPhone: companies.contactPhone,
  headquartersAddress: companies.headquartersAddress,
  branches: companies.branches,
  plan: companies.plan,
  status: companies.status,
  role: userCompanies.role,
  createdAt: companies.createdAt,
  updatedAt: companies.updatedAt,
}

const mine = and(
  eq(userCompanies.companyId, companies.id),
  eq(userCompanies.userId, sql`app.user_id()`),
  eq(userCompanies.status, 'approved'),
)

export function listCompanies(tx: Tx, after: Position | undefined, limit: number): Promise<Company[]> {
  return tx
    .select(shown)
    .from(companies)
    .innerJoin(userCompanies, mine)
    .where(and(isNull(companies.deletedAt), behind(after, companies.createdAt, companies.id)))
    .orderBy(newestFirst(companies.createdAt), newestFirst(companies.id))
    .limit(limit)
}

export async function findCompany(tx: Tx, companyId: string): Promise<Company | undefined> {
  const rows = await tx
    .select(shown)
    .from(companies)
    .innerJoin(userCompanies, mine)
    .where(and(eq(companies.id, companyId), isNull(companies.deletedAt)))
  return rows[0]
}

/** The branches as they are, locked until the transaction ends. */
export async function lockBranches(tx: Tx, companyId: string): Promise<Company['branches'] | undefined> {
  const rows = await tx
    .select({ branches: companies.branches })
    .from(companies)
    .where(eq(companies.id, companyId))
    .for('no key update')
  return rows[0]?.branches
}

/** How the company is reached. */
export async function findContact(tx: Tx, companyId: string) {
  const { contactEmail, contactPhone, headquartersAddress } = shown
  const rows = await tx
    .select({ contactEmail, contactPhone, headquartersAddress })
    .from(companies)
    .where(eq(companies.id, companyId))
  return rows[0]
}

/** Adds a company; its founder becomes an admin by trigger, and only then may read the row. */
export async function insertCompany(tx: Tx, company: NewCompany): Promise<void> {
  await tx.insert(companies).values(company)
}

export async function updateCompany(tx: Tx, companyId: string, change: CompanyChange): Promise<void> {
  await tx.update(companies).set(change).where(eq(companies.id, companyId))
}

/** Whether the short name is in use; whoever wants the same one at the same moment waits until this transaction ends. */
export async function isSlugTaken(tx: Tx, slug: string): Promise<boolean> {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${slug}, 0))`)
  const { rows } = await tx.execute<{ taken: boolean }>(sql`select app.slug_is_taken(${slug}) as taken`)
  return rows[0]?.taken ?? false
}

/** The id behind an invitation's short name; nothing else of the company is told. */
export async function findCompanyIdBySlug(tx: Tx, slug: string): Promise<string | undefined> {
  const { rows } = await tx.execute<{ id: string | null }>(sql`select app.company_id_by_slug(${slug}) as id`)
  return rows[0]?.id ?? undefined
}
