import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DomainError } from '../errors.ts'
import { LinkRests, lookAgain, type VisitorContext } from '../services/core/sharing/opening.ts'
import { hashOfToken } from '../services/tokens.ts'
import { type AnyError, answerError, describe, logError } from './errors.ts'
import { linkPage, refusalPage } from './shared-pages.ts'

/** Refuses in JSON those who ask for it and everybody else with a page; one where the password is asked for again, if that would help. */
export function refuseVisitors(app: FastifyInstance, contextOf: (request: FastifyRequest) => VisitorContext): void {
  app.setErrorHandler(async (error: AnyError, request, reply: FastifyReply) => {
    if (error instanceof LinkRests) reply.header('retry-after', error.waitSeconds)
    if (!request.raw.complete) reply.header('connection', 'close')
    if (wantsJson(request)) return answerError(error, request, reply)
    const { status, told } = describe(error)
    logError(request, error, told)
    const asksAgain = error instanceof LinkRests || (error instanceof DomainError && error.code === 'UNAUTHORIZED')
    const link = asksAgain ? await lookAgain(contextOf(request), hashOfToken(tokenOf(request))) : undefined
    const page = link
      ? linkPage(link, { base: '', problem: told.message })
      : refusalPage(told.issues.length > 0 ? told.issues.map(({ message }) => message) : [told.message])
    return reply.code(status).type('text/html; charset=utf-8').send(page)
  })
}

export function wantsJson({ headers }: FastifyRequest): boolean {
  const { accept = '', 'content-type': sent = '' } = headers
  return !accept.includes('text/html') && (accept.includes('application/json') || sent.includes('application/json'))
}

export function tokenOf({ params }: FastifyRequest): string {
  return typeof params === 'object' && params !== null && 'token' in params ? String(params.token) : ''
}
