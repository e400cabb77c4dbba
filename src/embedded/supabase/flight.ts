import pg from 'pg'

export interface Statement {
  text: string
  values: readonly unknown[]
}

const mostNames = 200
const names = new Map<string, string>()

/**
 * Sends statements at once and gives their answers, in one network flight. @throws the first error among them; those behind it
 * were not done when they are one transaction.
 */
export async function fly(client: pg.PoolClient, statements: Statement[]): Promise<pg.QueryResult[]> {
  const { stream } = client.connection
  stream.cork()
  const answers = statements.map((statement) => client.query(named(statement)))
  stream.uncork()
  const settled = await Promise.allSettled(answers)
  return settled.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason
    return answer.value
  })
}

/** Whether a connection is as good after the error as before: the server itself has refused what it was sent. */
export function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.severity === 'ERROR'
}

// What has a name is parsed once on each connection.
function named({ text, values }: Statement): pg.QueryConfig {
  const known = names.get(text)
  if (known === undefined && names.size < mostNames) names.set(text, `s${names.size}`)
  const name = names.get(text)
  return { text, values: [...values], ...(name !== undefined && values.length > 0 && { name }) }
}
