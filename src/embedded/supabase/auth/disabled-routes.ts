import type { FastifyInstance } from 'fastify'
import { type AuthErrorCode, fail } from './errors.ts'

type Refusal = readonly [url: string, status: number, code: AuthErrorCode, message: string]

// What Auth says of the families of sign-in that are switched off.
const refusals: readonly Refusal[] = [
  ['/authorize', 400, 'validation_failed', 'Unsupported provider: provider is not enabled'],
  ['/callback', 400, 'validation_failed', 'Unsupported provider: provider is not enabled'],
  ['/sso', 404, 'saml_provider_disabled', 'SAML 2.0 is disabled'],
  ['/sso/*', 404, 'saml_provider_disabled', 'SAML 2.0 is disabled'],
  ['/saml/*', 404, 'saml_provider_disabled', 'SAML 2.0 is disabled'],
  ['/admin/sso/*', 404, 'saml_provider_disabled', 'SAML 2.0 is disabled'],
  ['/factors', 422, 'mfa_totp_enroll_not_enabled', 'MFA enroll is disabled for TOTP'],
  ['/factors/*', 422, 'mfa_totp_enroll_not_enabled', 'MFA enroll is disabled for TOTP'],
  ['/user/identities/*', 404, 'manual_linking_disabled', 'Manual linking is disabled'],
  ['/passkeys', 404, 'passkey_disabled', 'Passkey authentication is disabled'],
  ['/passkeys/*', 404, 'passkey_disabled', 'Passkey authentication is disabled'],
  ['/oauth/*', 404, 'feature_disabled', 'OAuth 2.1 server is disabled'],
  ['/admin/oauth/*', 404, 'feature_disabled', 'OAuth 2.1 server is disabled'],
]

export function registerDisabledRoutes(app: FastifyInstance): void {
  for (const [url, status, code, message] of refusals) {
    app.route({ method: ['GET', 'POST', 'PUT', 'DELETE'], url, handler: () => fail(status, code, message) })
  }
}
