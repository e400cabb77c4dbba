export type AuthErrorCode =
  | 'anonymous_provider_disabled'
  | 'bad_code_verifier'
  | 'bad_json'
  | 'bad_jwt'
  | 'conflict'
  | 'current_password_invalid'
  | 'current_password_required'
  | 'email_exists'
  | 'email_not_confirmed'
  | 'email_provider_disabled'
  | 'feature_disabled'
  | 'flow_state_expired'
  | 'flow_state_not_found'
  | 'invalid_credentials'
  | 'manual_linking_disabled'
  | 'mfa_totp_enroll_not_enabled'
  | 'no_authorization'
  | 'not_admin'
  | 'otp_disabled'
  | 'otp_expired'
  | 'over_email_send_rate_limit'
  | 'over_request_rate_limit'
  | 'passkey_disabled'
  | 'phone_provider_disabled'
  | 'provider_disabled'
  | 'reauthentication_needed'
  | 'reauthentication_not_valid'
  | 'refresh_token_already_used'
  | 'refresh_token_not_found'
  | 'request_entity_too_large'
  | 'request_timeout'
  | 'same_password'
  | 'saml_provider_disabled'
  | 'session_expired'
  | 'session_not_found'
  | 'signup_disabled'
  | 'unexpected_failure'
  | 'unknown'
  | 'user_already_exists'
  | 'user_banned'
  | 'user_not_found'
  | 'validation_failed'
  | 'weak_password'
  | 'web3_provider_disabled'

export type WeakPasswordReason = 'length' | 'characters' | 'pwned'

/** What Auth answers instead of a result; everything else thrown is a fault of ours. */
export class AuthError extends Error {
  readonly status: number
  readonly code: AuthErrorCode
  readonly reasons: readonly WeakPasswordReason[] | undefined

  constructor(status: number, code: AuthErrorCode, message: string, reasons?: readonly WeakPasswordReason[]) {
    super(message)
    this.status = status
    this.code = code
    this.reasons = reasons
  }
}

export function fail(status: number, code: AuthErrorCode, message: string): never {
  throw new AuthError(status, code, message)
}

export const versionHeader = 'x-supabase-api-version'
export const errorVersion = '2024-01-01'

/** Clients that name an interface version of 2024 or later get the code as text, all others as a number. */
export function isNewShape(requestedVersion: string | undefined): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(requestedVersion ?? '') && (requestedVersion ?? '') >= errorVersion
}

export function errorBody(error: AuthError, newShape: boolean, errorId: string): object {
  const weak = error.reasons ? { weak_password: { reasons: error.reasons } } : {}
  if (newShape) return { code: error.code, message: error.message, ...weak }
  const id = error.status >= 500 ? { error_id: errorId } : {}
  return { code: error.status, error_code: error.code, msg: error.message, ...id, ...weak }
}
