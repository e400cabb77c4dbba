import { signClaims } from '../../../src/db/scope.ts'
import type { Clone } from '../support/clone.ts'
import { type Run, runAs, runOn } from '../support/run.ts'
import type { Tenant } from '../support/tenant.ts'

/** Somewhere an attacker with arbitrary SQL may stand. */
export interface Stance {
  name: string
  run: Run
}

/** On a bare connection of the API's login role: what is sent first. */
const openings: Record<string, (victim: Tenant, ownClaims: string) => string[]> = {
  'the bare login role': () => [],
  'the role anon': () => ['set role anon'],
  'the role authenticated': () => ['set role authenticated'],
  'gateway claims made up': (victim) => [
    'set role authenticated',
    `set request.jwt.claims = '${JSON.stringify({ sub: victim.admin.userId, role: 'service_role' })}'`,
    `set request.jwt.claim.sub = '${victim.admin.userId}'`,
    `set request.jwt.claim.role = 'service_role'`,
  ],
  'own claims turned to the victim': (victim, ownClaims) => [
    'set role authenticated',
    `set app.claims = '${ownClaims.replace(/^[^|]+/, victim.admin.userId)}'`,
  ],
}

/** Every stance, the last two through the API's own scope: signed in, but to another company. */
export async function stancesOf(clone: Clone, ours: Tenant, theirs: Tenant): Promise<Stance[]> {
  const stances: Stance[] = []
  for (const [name, opening] of Object.entries(openings)) {
    const run = runOn(await clone.connect())
    for (const statement of opening(theirs, signClaims(ours.viewer, clone.scopeKey))) await run(statement)
    stances.push({ name, run })
  }
  const database = clone.open()
  stances.push({ name: 'a viewer of another company', run: runAs(database, ours.viewer) })
  stances.push({ name: 'the admin of another company', run: runAs(database, ours.admin) })
  return stances
}
