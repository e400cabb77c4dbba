import type { Auth } from './context.ts'

const otherProviders = `apple azure bitbucket discord facebook figma fly github gitlab google kakao keycloak linkedin
  linkedin_oidc notion phone slack slack_oidc snapchat spotify twitch twitter web3_ethereum web3_solana workos x zoom`

export const health = {
  version: 'v2.196.0',
  name: 'GoTrue',
  description: 'GoTrue is a user registration and authentication API',
}

export function publicSettings({ settings }: Auth) {
  const off = otherProviders.split(/\s+/).map((provider) => [provider, false])
  return {
    external: { ...Object.fromEntries(off), anonymous_users: settings.anonymousUsers, email: settings.emailEnabled },
    disable_signup: settings.disableSignup,
    mailer_autoconfirm: settings.autoconfirm,
    phone_autoconfirm: false,
    sms_provider: '',
    saml_enabled: false,
    saml_private_key_next_configured: false,
    passkeys_enabled: false,
  }
}

export function openIdConfiguration({ issuer }: Auth) {
  return {
    issuer,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256', 'RS256', 'HS256'],
    scopes_supported: ['openid', 'profile', 'email', 'phone'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
    claims_supported: ['sub', 'aud', 'iss', 'exp', 'iat', 'email', 'phone', 'role', 'session_id', 'is_anonymous'],
    code_challenge_methods_supported: ['S256', 'plain'],
  }
}
