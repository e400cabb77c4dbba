import type { FastifyReply, FastifyRequest } from 'fastify'
import { queryValue } from './call.ts'
import { fail } from './errors.ts'

export interface Page {
  page: number
  perPage: number
}

const mostPerPage = 1000

export function readPage(request: FastifyRequest): Page {
  return { page: readNumber(request, 'page', 1), perPage: Math.min(readNumber(request, 'per_page', 50), mostPerPage) }
}

function readNumber(request: FastifyRequest, name: string, otherwise: number): number {
  const given = queryValue(request, name)
  if (given === undefined) return otherwise
  if (!/^\d{1,9}$/.test(given)) {
    fail(400, 'validation_failed', `Bad Pagination Parameters: ${name} "${given.slice(0, 20)}" is not a number`)
  }
  return Number(given) || otherwise
}

/** Tells the client how many there are and where the next and the last page is. */
export function sendPageHeaders(reply: FastifyReply, path: string, { page, perPage }: Page, total: number): void {
  const last = Math.max(1, Math.ceil(total / perPage))
  const link = (to: number, rel: string) => `<${path}?page=${to}&per_page=${perPage}>; rel="${rel}"`
  const next = page < last ? [link(page + 1, 'next')] : []
  void reply.header('x-total-count', String(total)).header('link', [...next, link(last, 'last')].join(', '))
}
