import type { Auth, Call } from './context.ts'
import type { Mail } from './mailer.ts'
import type { OneTimeToken } from './one-time-tokens.ts'
import { allowedRedirect } from './redirects.ts'

export type LinkType = 'signup' | 'invite' | 'magiclink' | 'recovery' | 'email_change'

export interface Letter {
  kind: LinkType | 'reauthentication'
  to: string
  token: OneTimeToken
}

/** The link that a mail carries: it leads through GET /verify to where the caller asked, if that is allowed. */
export function actionLink(auth: Auth, call: Call, type: LinkType, token: OneTimeToken): string {
  const query = new URLSearchParams({
    token: token.hash,
    type,
    redirect_to: allowedRedirect(auth.settings, call.redirectTo),
  })
  return `${auth.issuer}/verify?${query}`
}

export async function deliver(auth: Auth, call: Call, letter: Letter): Promise<void> {
  await auth.mailer.send(compose(auth, call, letter))
}

const wording: Record<Letter['kind'], { subject: string; request: string }> = {
  signup: { subject: 'Confirm your e-mail address', request: 'To finish signing up, confirm this address' },
  invite: { subject: 'You have been invited', request: 'To accept the invitation' },
  magiclink: { subject: 'Your sign-in link', request: 'To sign in' },
  recovery: { subject: 'Reset your password', request: 'To choose a new password' },
  email_change: { subject: 'Confirm the change of your e-mail address', request: 'To confirm the new address' },
  reauthentication: { subject: 'Confirm that it is you', request: 'To go on' },
}

function compose(auth: Auth, call: Call, { kind, to, token }: Letter): Mail {
  const { subject, request } = wording[kind]
  const code = `${request}, enter the code ${token.code}`
  const way =
    kind === 'reauthentication' ? `${code}.` : `${code}\nor open this link:\n\n${actionLink(auth, call, kind, token)}`
  const validity = `It is good for ${Math.round(auth.settings.otpSeconds / 60)} minutes and can be used once.`
  return { kind, to, subject, text: `${way}\n\n${validity} If you did not ask for this, ignore this mail.\n` }
}
