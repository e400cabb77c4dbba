import type { Settings } from '../settings.ts'

export const engineVersion = '0.85.4'

const megabyte = 1024 * 1024

/** What has no meaning here, as a stock community installation answers it. */
const constants = {
  ENVIRONMENT: 'prod',
  FRONTEND_SENTRY_DSN: null,
  AGENTS_CONFIGURED: false,
  SHOW_ALERTS: false,
  SHOW_PROJECT_MEMBERS: false,
  SHOW_BADGES: false,
  CAN_BUY_ACTIVE_FLOWS: false,
  CAN_BUY_AI_CREDITS: false,
  SHOW_BILLING_LIMITS_ON_SIDEBAR: false,
  SHOW_BILLING_PAGE: false,
  SHOW_POWERED_BY_IN_FORM: false,
  PIECES_SYNC_MODE: 'NONE',
  ENABLE_FLOW_ON_PUBLISH: true,
  EXECUTION_DATA_RETENTION_DAYS: 30,
  CLOUD_AUTH_ENABLED: false,
  EDITION: 'ce',
  THIRD_PARTY_AUTH_PROVIDERS_TO_SHOW_MAP: {},
  EMAIL_AUTH_ENABLED: true,
  THEME: { websiteName: 'Embedded engine', colors: {}, logos: {} },
  SHOW_COMMUNITY: false,
  PRIVATE_PIECES_ENABLED: false,
  PRIVACY_POLICY_URL: '',
  TERMS_OF_SERVICE_URL: '',
  TELEMETRY_ENABLED: false,
  CURRENT_VERSION: engineVersion,
  LATEST_VERSION: '0.0.0',
  ALLOW_NPM_PACKAGES_IN_CODE_STEP: false,
  MAX_RECORDS_PER_TABLE: 0,
  MAX_FIELDS_PER_TABLE: 0,
  PROJECT_RATE_LIMITER_ENABLED: false,
  SMTP_CONFIGURED: false,
  PGVECTOR_AVAILABLE: false,
  SUPPORTED_APP_WEBHOOKS: [],
}

/** The flags of the version whose behaviour this engine has, with this engine's own limits. */
export function showFlags(settings: Settings, isUserCreated: boolean) {
  const { limits, origin } = settings
  return {
    ...(isUserCreated ? { USER_CREATED: true } : {}),
    ...constants,
    THIRD_PARTY_AUTH_PROVIDER_REDIRECT_URL: `${origin}/redirect`,
    PUBLIC_URL: `${origin}/`,
    WEBHOOK_URL_PREFIX: `${origin}/api/v1/webhooks`,
    WEBHOOK_TIMEOUT_SECONDS: limits.webhookTimeoutMs / 1000,
    FLOW_RUN_TIME_SECONDS: limits.flowTimeoutMs / 1000,
    FLOW_RUN_MEMORY_LIMIT_KB: limits.codeMemoryBytes / 1024,
    FLOW_RUN_LOG_SIZE_LIMIT_MB: limits.runLogBytes / megabyte,
    PAUSED_FLOW_TIMEOUT_DAYS: limits.pauseMs / 86_400_000,
    TRIGGER_TIMEOUT_SECONDS: limits.httpTimeoutMs / 1000,
    MAX_FILE_SIZE_MB: limits.webhookPayloadBytes / megabyte,
    DEFAULT_CONCURRENT_JOBS_LIMIT: settings.workers,
  }
}
