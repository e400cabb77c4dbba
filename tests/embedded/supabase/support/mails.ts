import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface SentMail {
  subject: string
  code: string
  link: URL | undefined
}

function readMail(source: string): SentMail {
  const text = source.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
  const link = /^https?:\S+$/m.exec(text)?.[0]
  return {
    subject: /^Subject: (.*)$/m.exec(text)?.[1] ?? '',
    code: /code (\d{6})/.exec(text)?.[1] ?? '',
    link: link ? new URL(link) : undefined,
  }
}

/** Mails to an address in a folder, oldest first. */
export function readMails(folder: string, to: string): SentMail[] {
  const names = readdirSync(folder).sort((a, b) => (a < b ? -1 : 1))
  const all = names.map((name) => readFileSync(join(folder, name), 'utf8'))
  return all.filter((mail) => mail.includes(`To: ${to}`)).map(readMail)
}
