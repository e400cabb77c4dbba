import type { IntegrationSecret, IntegrationSettings } from '../../contracts/integrations.ts'
import type { Engine, EngineStatusReport } from './engine.ts'

/** What is kept openly of a company's own engine. */
export interface OwnEngine {
  settings: IntegrationSettings
  updatedAt: string
}

/** Engines that companies name, reached at nobody's risk but theirs. */
export interface CompanyEngines {
  /** Why the service may not call this address, in words that go after "url:"; undefined where it may. */
  refusal(url: string): string | undefined
  /** Asks an engine about itself, within seconds. */
  ask(settings: IntegrationSettings, secret: IntegrationSecret): Promise<EngineStatusReport>
  /** The engine of a company. */
  open(settings: IntegrationSettings, secret: IntegrationSecret): Engine
}
