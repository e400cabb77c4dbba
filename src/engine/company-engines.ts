import type { IntegrationSecret, IntegrationSettings } from '../contracts/integrations.ts'
import type { CompanyEngines } from '../services/workflows/company-engines.ts'
import { activePieces } from './activepieces.ts'
import { AddressRefused } from './failures.ts'
import { refusePrivateUrl } from './public-addresses.ts'
import type { EngineAccount } from './session.ts'

const askTimeoutMs = 5000

/**
 * Opens the engines that companies name. Unless `allowPrivate`, they have to be reached over https at addresses on the
 * public network: what an admin enters must not lead into the network that the service runs in.
 */
export function companyEngines({ allowPrivate }: { allowPrivate: boolean }): CompanyEngines {
  const open = (settings: IntegrationSettings, secret: IntegrationSecret, timeoutMs?: number) =>
    activePieces({
      url: settings.url,
      account: accountOf(settings, secret),
      webhookSecret: secret.webhookSecret,
      isPublicOnly: !allowPrivate,
      timeoutMs,
    })
  return {
    refusal: (url) => (allowPrivate ? undefined : refusalOf(url)),
    ask: (settings, secret) => open(settings, secret, askTimeoutMs).status(),
    open: (settings, secret) => open(settings, secret),
  }
}

function accountOf({ projectId }: IntegrationSettings, secret: IntegrationSecret): EngineAccount {
  if (secret.apiKey && projectId) return { apiKey: secret.apiKey, projectId }
  return { email: secret.email ?? '', password: secret.password ?? '', projectId }
}

function refusalOf(url: string): string | undefined {
  try {
    refusePrivateUrl(new URL(url))
    return undefined
  } catch (error) {
    if (error instanceof AddressRefused) return error.message
    throw error
  }
}
