import pino, { type Logger } from 'pino'

/** Keys whose values never reach a log, wherever they stand in the first three levels. */
const secretKeys = [
  'password',
  'authorization',
  'apikey',
  'apiKey',
  'token',
  'access_token',
  'refresh_token',
  'secret',
  'webhookSecret',
  'cookie',
  'connectionString',
]

const paths = secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`])

/** JSON lines on standard output, with secrets blotted out. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    redact: { paths, censor: '(not logged)' },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    base: { service: 'studios' },
  })
}
