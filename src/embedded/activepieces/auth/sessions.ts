import type { FastifyRequest } from 'fastify'
import { DomainError, FrameworkError, notFound } from '../errors.ts'
import { findIdentity, findUser, findUserOfIdentity, type User } from '../store/accounts.ts'
import type { Database } from '../store/database.ts'
import { findProject, type Project } from '../store/projects.ts'
import type { SessionClaims, Tokens } from './tokens.ts'

const ownershipHookFault = "Cannot read properties of undefined (reading 'type')"

/** Tells who calls: an account of the platform, or one that has not made its platform yet. */
export class Sessions {
  readonly #database: Database
  readonly #tokens: Tokens

  constructor(database: Database, tokens: Tokens) {
    this.#database = database
    this.#tokens = tokens
  }

  /** The user of a platform; an onboarding account and a missing token are refused with 403, a bad token with 401. */
  async requireUser(request: FastifyRequest): Promise<User> {
    const claims = await this.#claims(request)
    const user = claims?.type === 'USER' ? findUser(this.#database, claims.id) : undefined
    if (claims === undefined || user === undefined) throw forbidden()
    this.#checkVersion(user.identityId, claims)
    return user
  }

  /** As requireUser, with the fault that routes with the ownership hook show on a bad token. */
  async requireOwner(request: FastifyRequest): Promise<User> {
    try {
      return await this.requireUser(request)
    } catch (error) {
      if (error instanceof DomainError && error.status === 401) throw new FrameworkError(401, ownershipHookFault)
      throw error
    }
  }

  /** The identity of an account that still has to make its platform. */
  async requireOnboarding(request: FastifyRequest): Promise<string> {
    const claims = await this.#claims(request)
    if (claims?.type !== 'ONBOARDING') throw forbidden()
    this.#checkVersion(claims.id, claims)
    if (findUserOfIdentity(this.#database, claims.id) !== undefined) throw forbidden()
    return claims.id
  }

  async requireProject(request: FastifyRequest, projectId: string): Promise<{ user: User; project: Project }> {
    const user = await this.requireOwner(request)
    const project = findProject(this.#database, projectId)
    if (project === undefined || project.platformId !== user.platformId) throw notFound('project', projectId)
    return { user, project }
  }

  async #claims(request: FastifyRequest): Promise<SessionClaims | undefined> {
    const header = request.headers.authorization
    if (header === undefined || !header.startsWith('Bearer ')) return undefined
    const token = header.slice('Bearer '.length)
    if (token.startsWith('sk-')) throw new DomainError('AUTHENTICATION', { message: 'invalid api key' })
    const claims = await this.#tokens.verifySession(token)
    if (claims === undefined) {
      throw new DomainError('INVALID_BEARER_TOKEN', { message: 'invalid access token or session expired' })
    }
    return claims
  }

  #checkVersion(identityId: string, claims: SessionClaims): void {
    if (findIdentity(this.#database, identityId)?.tokenVersion === claims.tokenVersion) return
    throw new DomainError('SESSION_EXPIRED', { message: 'The session has expired or the user is not verified.' })
  }
}

function forbidden(): DomainError {
  return new DomainError('AUTHORIZATION', { message: 'principal is not allowed for this route' })
}
