import { BoundedCache } from '../bounded-cache.ts'
import type { CompanyEngines } from '../services/workflows/company-engines.ts'
import type { OwnEngines } from '../services/workflows/company-flows.ts'
import { type Engine, EngineRefused, type Engines } from '../services/workflows/engine.ts'

export interface EnginesOptions {
  platform: Engine
  companyEngines: CompanyEngines
  own: OwnEngines
  now?(): number
}

interface Opened {
  updatedAt: string
  seenAt: number
  engine: Engine
  webhookSecret: string
}

const mostOpen = 200
/** Changed settings count after this long at the latest. */
const trustedMs = 5000

/** Opens engines when they are first needed and keeps them open, with what their breakers know, until they are changed. */
export function openEngines({ platform, companyEngines, own, now = Date.now }: EnginesOptions): Engines {
  const cache = new BoundedCache<string, Promise<Opened>>(mostOpen)
  const open = async (integrationId: string, before: Opened | undefined): Promise<Opened> => {
    const found = await own.find(integrationId)
    if (found && found.updatedAt === before?.updatedAt) return { ...before, seenAt: now() }
    const secret = await own.findSecret(integrationId)
    if (!found || !secret)
      throw new EngineRefused("The company's own engine was removed, and with it the account to reach it.")
    const engine = companyEngines.open(found.settings, secret)
    return { updatedAt: found.updatedAt, seenAt: now(), engine, webhookSecret: secret.webhookSecret }
  }
  const openedFor = async (integrationId: string): Promise<Opened> => {
    const known = cache.get(integrationId)
    const before = await known?.catch(() => undefined)
    if (before && now() - before.seenAt < trustedMs) return before
    // Another call has opened it anew meanwhile.
    const newer = cache.get(integrationId)
    if (newer && newer !== known) return newer
    const opening = open(integrationId, before)
    cache.set(integrationId, opening)
    return opening
  }
  return {
    engineFor: async (integrationId) => (integrationId === null ? platform : (await openedFor(integrationId)).engine),
    flowIdFor: async (integrationId, { id: templateId, platformFlowId }) => {
      if (integrationId === null) return platformFlowId
      const { engine, webhookSecret } = await openedFor(integrationId)
      return own.flowId(engine, { integrationId, templateId }, webhookSecret)
    },
    forgetFlow: async (integrationId, templateId) => {
      if (integrationId !== null) await own.forgetFlow({ integrationId, templateId })
    },
  }
}
