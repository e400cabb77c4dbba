import { asObject, asText, parseJson } from '../json.ts'
import type { FlowResponse } from '../runs/responders.ts'
import type { PieceCall, PieceFunction } from './piece.ts'

export const returnResponse: PieceFunction = (call) => {
  const response = readResponse(call)
  const mode = call.input['respond']
  // Without a mode the step answers nobody; the flow editor always writes one.
  if (mode === 'stop' || mode === 'respond') call.respond(response)
  return { kind: mode === 'stop' ? 'stop' : 'output', output: response }
}

export const returnResponseAndWait: PieceFunction = (call) => {
  if (call.resume !== undefined) return { kind: 'output', output: { ...call.resume } }
  const url = call.createWaitpoint()
  const runId = url.split('/').at(-3) ?? ''
  const created = encodeURIComponent(new Date(call.now()).toISOString())
  const nextWebhookUrl = `${url}/sync?created=${created}&runId=${runId}`
  const response = readResponse(call)
  call.respond({ ...response, headers: { ...response.headers, 'x-activepieces-resume-webhook-url': nextWebhookUrl } })
  return { kind: 'pause', output: { nextWebhookUrl } }
}

function readResponse(call: PieceCall): FlowResponse {
  const fields = asObject(call.input['fields'])
  const body = fields['body']
  const status = Number(fields['status'] ?? 200) || 200
  const headers = Object.fromEntries(Object.entries(asObject(fields['headers'])).map(([k, v]) => [k, asText(v)]))
  switch (call.input['responseType'] ?? 'json') {
    case 'redirect':
      return { status: 301, headers: { ...headers, Location: withProtocol(asText(body)) }, body }
    case 'raw':
      return { status, headers, body: asText(body) }
    default:
      return { status, headers, body: typeof body === 'string' && body !== '' ? parseJson(body) : body }
  }
}

function withProtocol(url: string): string {
  return /^https?:\/\//.test(url) ? url : `https://${url}`
}
