import { createHmac, timingSafeEqual } from 'node:crypto'
import { asObject, asText } from '../json.ts'

export interface SignedCall {
  headers: Record<string, unknown>
  rawBody: string
}

/** Whether a call passes the webhook trigger's own authentication: none, basic, header or HMAC. */
export function isTriggerAuthentic(trigger: unknown, call: SignedCall): boolean {
  const input = asObject(asObject(asObject(trigger)['settings'])['input'])
  const fields = asObject(input['authFields'])
  const header = (name: string) => asText(call.headers[name.toLowerCase()])
  switch (asText(input['authType'] ?? 'none')) {
    case 'none':
      return true
    case 'basic':
      return isSame(header('authorization'), basic(asText(fields['username']), asText(fields['password'])))
    case 'header':
      return isSame(header(asText(fields['headerName'])), asText(fields['headerValue']))
    case 'hmac':
      return isSigned(fields, header, call.rawBody)
    default:
      return false
  }
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

function isSigned(fields: Record<string, unknown>, header: (name: string) => string, rawBody: string): boolean {
  const secret = asText(fields['hmacSecret'] ?? fields['secret'])
  const name = asText(fields['hmacHeaderName'] ?? fields['headerName'] ?? 'x-hub-signature-256')
  const algorithm = asText(fields['hmacAlgorithm'] ?? fields['algorithm'] ?? 'sha256').toLowerCase()
  const encoding = asText(fields['hmacEncoding'] ?? fields['encoding']) === 'base64' ? 'base64' : 'hex'
  const signature = createHmac(algorithm, secret).update(rawBody).digest(encoding)
  const sent = header(name)
  return secret !== '' && (isSame(sent, signature) || isSame(sent, `${algorithm}=${signature}`))
}

function isSame(actual: string, expected: string): boolean {
  const left = Buffer.from(actual)
  const right = Buffer.from(expected)
  return actual !== '' && left.length === right.length && timingSafeEqual(left, right)
}
