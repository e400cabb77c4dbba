import pino, { type DestinationStream, type Logger } from 'pino'

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
export function createLogger(level: string, destination: DestinationStream = pino.destination(1)): Logger {
  const options = {
    level,
    redact: { paths, censor: '(not logged)' },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
    base: { service: 'studios' },
  }
  return pino(options, destination)
}
