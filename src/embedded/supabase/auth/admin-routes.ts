import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { generateLink, linkBody } from './admin-links.ts'
import { listAuditEntries, listUsers } from './admin-lists.ts'
import { adminUserBody, changeUser, createUser, deleteUser, getUser } from './admin-users.ts'
import { requireAdmin } from './bearer.ts'
import { readBody } from './body.ts'
import { callOf, queryValue } from './call.ts'
import type { Auth } from './context.ts'
import { invite, inviteBody } from './invite.ts'
import { readPage, sendPageHeaders } from './paging.ts'

const deleteBody = z.object({ should_soft_delete: z.boolean().nullish() })

interface ById {
  Params: { userId: string }
}

/** Only for a bearer of service_role, whatever else the request carries. */
export function registerAdminRoutes(app: FastifyInstance, auth: Auth): void {
  app.addHook('onRequest', (request) => requireAdmin(auth, callOf(auth, request)))
  app.post('/invite', (request) => invite(auth, callOf(auth, request), readBody(inviteBody, request.body)))
  app.post('/admin/generate_link', (request) =>
    generateLink(auth, callOf(auth, request), readBody(linkBody, request.body)),
  )
  app.post('/admin/users', (request) => createUser(auth, callOf(auth, request), readBody(adminUserBody, request.body)))
  app.get<ById>('/admin/users/:userId', (request) => getUser(auth, request.params.userId))
  app.put<ById>('/admin/users/:userId', (request) =>
    changeUser(auth, callOf(auth, request), request.params.userId, readBody(adminUserBody, request.body)),
  )
  app.delete<ById>('/admin/users/:userId', (request) => {
    const isSoft = request.body ? readBody(deleteBody, request.body).should_soft_delete === true : false
    return deleteUser(auth, callOf(auth, request), request.params.userId, isSoft)
  })
  registerAdminLists(app, auth)
}

function registerAdminLists(app: FastifyInstance, auth: Auth): void {
  app.get('/admin/users', async (request, reply) => {
    const page = readPage(request)
    const filter = (queryValue(request, 'filter') ?? '').slice(0, 255)
    const { users, total } = await listUsers(auth, { ...page, filter, sort: queryValue(request, 'sort') ?? '' })
    sendPageHeaders(reply, '/admin/users', page, total)
    return { users, aud: 'authenticated' }
  })
  app.get('/admin/audit', async (request, reply) => {
    const page = readPage(request)
    const { entries, total } = await listAuditEntries(auth, page)
    sendPageHeaders(reply, '/admin/audit', page, total)
    return entries
  })
}
