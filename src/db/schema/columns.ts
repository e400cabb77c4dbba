import { type SQL, sql } from 'drizzle-orm'
import { type AnyPgColumn, check, customType } from 'drizzle-orm/pg-core'

/** timestamptz read and written as an ISO 8601 string in UTC; milliseconds, so that a paging cursor finds its place again. */
export const instant = customType<{ data: string; driverData: string }>({
  dataType: () => 'timestamp (3) with time zone',
  fromDriver: (value) => new Date(value).toISOString(),
})

/** A 64-bit transaction id, read as decimal text. */
export const transactionId = customType<{ data: string }>({ dataType: () => 'xid8' })

export const createdAt = () => instant('created_at').notNull().default(sql`now()`)
export const updatedAt = () => instant('updated_at').notNull().default(sql`now()`)

/** A check that a text column holds one of the values of a contract's list. */
export function oneOf(name: string, column: AnyPgColumn, values: readonly string[]) {
  return check(name, sql`${column} in (${literals(values)})`)
}

function literals(values: readonly string[]): SQL {
  return sql.raw(values.map((value) => `'${value.replaceAll("'", "''")}'`).join(', '))
}
