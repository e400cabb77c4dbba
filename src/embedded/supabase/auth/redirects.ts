import type { AuthSettings } from './settings.ts'

const neverAllowed = ['javascript:', 'data:', 'vbscript:', 'file:', 'blob:']

/** The address asked for when it is the site's own or on the allow-list, else the site itself. */
export function allowedRedirect(settings: AuthSettings, wanted: string | undefined): string {
  return wanted && isAllowed(settings, wanted) ? wanted : settings.siteUrl
}

function isAllowed(settings: AuthSettings, wanted: string): boolean {
  if (wanted.length > 2048 || !URL.canParse(wanted)) return false
  const url = new URL(wanted)
  if (neverAllowed.includes(url.protocol) || url.username || url.password) return false
  if (/^https?:$/.test(url.protocol) && url.origin === new URL(settings.siteUrl).origin) return true
  url.hash = ''
  const forms = [url.href, url.href.replace(/\/$/, '')]
  return settings.redirectAllowList.some((glob) => forms.some((form) => globPattern(glob).test(form)))
}

function globPattern(glob: string): RegExp {
  const parts = glob.split(/(\*\*|\*|\?)/).map((part) => wildcards[part] ?? part.replace(/[\\^$.+()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('')}$`)
}

const wildcards: Record<string, string> = { '**': '.*', '*': '[^./]*', '?': '[^./]' }
