import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createTransport } from 'nodemailer'
import type { Logger } from '../logger.ts'
import type { AuthSettings, SmtpSettings } from './settings.ts'

export interface Mail {
  /** Says in the log and in the file's name what was sent. */
  kind: string
  to: string
  subject: string
  text: string
}

export interface Mailer {
  send(mail: Mail): Promise<void>
  /** Waits for what is still on its way. */
  close(): Promise<void>
}

interface MailerOptions {
  settings: AuthSettings
  folder: string
  log: Logger
}

export function createMailer({ settings, folder, log }: MailerOptions): Mailer {
  return settings.smtp ? smtpMailer(settings.smtp, settings.mailFrom, log) : fileMailer(settings.mailFrom, folder, log)
}

function fileMailer(from: string, folder: string, log: Logger): Mailer {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  const where = resolve(folder)
  return {
    send: async ({ kind, ...mail }) => {
      const { message } = await composer.sendMail({ from, ...mail })
      const name = `${new Date().toISOString().replaceAll(':', '-')}-${kind}-${randomBytes(4).toString('hex')}.eml`
      await mkdir(where, { recursive: true, mode: 0o700 })
      await writeFile(join(where, name), message.toString(), { mode: 0o600 })
      log.info({ kind, file: join(where, name) }, 'mail written to a file, because no SMTP server is configured')
    },
    close: () => Promise.resolve(),
  }
}

// Delivery is not awaited by the request: its duration would tell whether an address has an account.
function smtpMailer(smtp: SmtpSettings, from: string, log: Logger): Mailer {
  const { host, port, secure = port === 465, user, password } = smtp
  const login = user ? { auth: { user, pass: password ?? '' } } : {}
  const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 }
  const transport = createTransport({ host, port, secure, ...login, ...timeouts })
  const pending = new Set<Promise<void>>()
  return {
    send: ({ kind, ...mail }) => {
      const delivery = transport.sendMail({ from, ...mail }).then(
        () => log.info({ kind, server: host }, 'mail handed to the SMTP server'),
        (error: Error) => log.error({ kind, server: host, reason: error.message }, 'mail was not sent'),
      )
      pending.add(delivery)
      void delivery.finally(() => pending.delete(delivery))
      return Promise.resolve()
    },
    close: async () => {
      await Promise.all(pending)
      transport.close()
    },
  }
}
