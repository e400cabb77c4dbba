import type { Identity } from './identities.ts'
import type { User } from './users.ts'

/** A user as Auth answers it: empty times are left out, `phone` never is. */
export function userJson(user: User, identities: readonly Identity[]) {
  return {
    id: user.id,
    aud: user.aud,
    role: user.role,
    email: user.email ?? '',
    ...present({ email_confirmed_at: user.email_confirmed_at, invited_at: user.invited_at }),
    phone: user.phone ?? '',
    ...present({
      phone_confirmed_at: user.phone_confirmed_at,
      confirmation_sent_at: user.confirmation_sent_at,
      confirmed_at: user.confirmed_at,
      recovery_sent_at: user.recovery_sent_at,
      new_email: user.email_change || null,
      email_change_sent_at: user.email_change_sent_at,
      reauthentication_sent_at: user.reauthentication_sent_at,
      last_sign_in_at: user.last_sign_in_at,
    }),
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    identities: identities.map(identityJson),
    created_at: user.created_at,
    updated_at: user.updated_at,
    ...present({ banned_until: user.banned_until, deleted_at: user.deleted_at }),
    is_anonymous: user.is_anonymous,
  }
}

export type UserJson = ReturnType<typeof userJson>

function identityJson(identity: Identity) {
  const { id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at, email } = identity
  const base = { identity_id: id, id: provider_id, user_id, identity_data, provider }
  return { ...base, ...present({ last_sign_in_at }), created_at, updated_at, ...present({ email }) }
}

function present<T extends Record<string, unknown>>(fields: T): Partial<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== null)
  return Object.fromEntries(entries) as Partial<T>
}
