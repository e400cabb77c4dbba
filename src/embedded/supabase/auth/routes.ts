import type { FastifyInstance, FastifyRequest } from 'fastify'
import { requireUser } from './bearer.ts'
import { readBody } from './body.ts'
import { callOf, queryValue } from './call.ts'
import type { Auth } from './context.ts'
import { fail } from './errors.ts'
import { exchangeCode, pkceBody } from './flow-state.ts'
import { listIdentities } from './identities.ts'
import { health, openIdConfiguration, publicSettings } from './information.ts'
import { signOut } from './logout.ts'
import { otpBody, sendOtp } from './otp.ts'
import { reauthenticate } from './reauthentication.ts'
import { recover, recoverBody } from './recovery.ts'
import { refreshBody, refreshSession } from './refresh.ts'
import { resend, resendBody } from './resend.ts'
import { signInBody, signInWithPassword } from './sign-in.ts'
import { signUp, signUpBody } from './signup.ts'
import { userJson } from './user-json.ts'
import { updateOwnUser, userUpdateBody } from './user-update.ts'
import { verifyBody, verifyOtp } from './verify.ts'
import { followLink } from './verify-link.ts'

export function registerSessionRoutes(app: FastifyInstance, auth: Auth): void {
  app.post('/signup', (request) => signUp(auth, callOf(auth, request), readBody(signUpBody, request.body)))
  app.post('/token', (request) => grant(auth, request))
  app.post('/logout', async (request, reply) => {
    await signOut(auth, callOf(auth, request), queryValue(request, 'scope'))
    return reply.code(204).send()
  })
  app.get('/user', async (request) => {
    const { user } = await requireUser(auth, callOf(auth, request))
    return userJson(user, await listIdentities(auth.db, [user.id]))
  })
  app.put('/user', (request) => updateOwnUser(auth, callOf(auth, request), readBody(userUpdateBody, request.body)))
}

export function registerMailRoutes(app: FastifyInstance, auth: Auth): void {
  app.post('/recover', (request) => recover(auth, callOf(auth, request), readBody(recoverBody, request.body)))
  app.post('/otp', (request) => sendOtp(auth, callOf(auth, request), readBody(otpBody, request.body)))
  app.post('/magiclink', (request) => sendOtp(auth, callOf(auth, request), readBody(otpBody, request.body)))
  app.post('/resend', (request) => resend(auth, callOf(auth, request), readBody(resendBody, request.body)))
  app.get('/reauthenticate', (request) => reauthenticate(auth, callOf(auth, request)))
  app.post('/verify', (request) => verifyOtp(auth, callOf(auth, request), readBody(verifyBody, request.body)))
  app.get('/verify', async (request, reply) => {
    const token = (queryValue(request, 'token') ?? '').slice(0, 255)
    const target = await followLink(auth, callOf(auth, request), token, queryValue(request, 'type') ?? '')
    return reply.redirect(target, 303)
  })
}

export function registerInformationRoutes(app: FastifyInstance, auth: Auth): void {
  app.get('/health', () => health)
  app.get('/settings', () => publicSettings(auth))
  app.get('/.well-known/jwks.json', (_, reply) => cached(reply).send(auth.keys.jwks))
  app.get('/.well-known/openid-configuration', (_, reply) => cached(reply).send(openIdConfiguration(auth)))
}

function cached<Reply extends { header(name: string, value: string): Reply }>(reply: Reply): Reply {
  return reply.header('cache-control', 'public, max-age=600')
}

function grant(auth: Auth, request: FastifyRequest) {
  const call = callOf(auth, request)
  auth.throttle.takeRequest('token', call.ip)
  switch (queryValue(request, 'grant_type')) {
    case 'password':
      return signInWithPassword(auth, call, readBody(signInBody, request.body))
    case 'refresh_token':
      return refreshSession(auth, call, readBody(refreshBody, request.body))
    case 'pkce':
      return exchangeCode(auth, call, readBody(pkceBody, request.body))
    case 'id_token':
      return fail(400, 'provider_disabled', 'Provider (issuer) is not enabled')
    case 'web3':
      return fail(422, 'web3_provider_disabled', 'Web3 provider is disabled')
    default:
      return fail(400, 'invalid_credentials', 'unsupported_grant_type')
  }
}
