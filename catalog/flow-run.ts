import { z } from 'zod'

/** Runs the code of one step; the flow's runner gives it the input with all references resolved. */
export type RunCode = (step: { name: string; code: string }, input: Record<string, unknown>) => Promise<unknown>

const action = z.object({
  name: z.string(),
  type: z.string(),
  settings: z.looseObject({
    input: z.record(z.string(), z.unknown()).default({}),
    sourceCode: z.object({ code: z.string() }).optional(),
    errorHandlingOptions: z.object({ continueOnFailure: z.object({ value: z.boolean() }) }).optional(),
  }),
  children: z.array(z.unknown()).default([]),
  nextAction: z.unknown().optional(),
})

export type FlowAction = z.infer<typeof action>

/** The steps of a flow in order, the trigger first; those of a branch come after its router. */
export function flowActions(flow: { trigger: unknown }): FlowAction[] {
  const actionsFrom = (first: unknown): FlowAction[] => {
    if (first === undefined || first === null) return []
    const found = action.parse(first)
    return [found, ...found.children.flatMap(actionsFrom), ...actionsFrom(found.nextAction)]
  }
  return actionsFrom(flow.trigger)
}

/** Runs the code steps of a flow one after the other, as the engine would, reads the file there is, and gives all outputs. */
export async function runFlow(
  flow: { trigger: unknown },
  body: unknown,
  runCode: RunCode,
): Promise<Map<string, unknown>> {
  const outputs = new Map<string, unknown>([['trigger', { body }]])
  for (const { name, settings } of flowActions(flow)) {
    const input = Object.fromEntries(
      Object.entries(settings.input).map(([key, value]) => [key, resolve(value, outputs)]),
    )
    if (settings.sourceCode !== undefined) {
      outputs.set(name, await runCode({ name, code: settings.sourceCode.code }, input))
    } else if (input['method'] === 'GET' && input['url'] !== '') outputs.set(name, await answerOf(String(input['url'])))
  }
  return outputs
}

async function answerOf(url: string): Promise<{ status: number; headers: Record<string, string>; body: string }> {
  const response = await fetch(url)
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
}

/** A file that a run is given, as the webhook's payload names it. */
export interface GivenFile {
  property: string
  id: string
  name: string
  type: string
  size: number
  url: string
}

/** The webhook's payload for an input. */
export function requestBody(input: Record<string, unknown>, files: GivenFile[] = []) {
  const id = '00000000-0000-4000-8000-000000000000'
  return { execution: { id, attempt: 1 }, correlationId: `${id}-1`, input, files }
}

/** Runs a step's bundled code in this process. */
export const runHere: RunCode = async ({ name, code }, input) => {
  const module: unknown = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  const parsed = z
    .object({ code: z.custom<(input: unknown) => Promise<unknown>>((it) => typeof it === 'function') })
    .parse(module)
  const output: unknown = await parsed.code(JSON.parse(JSON.stringify(input)))
  if (output === undefined) throw new Error(`The step ${name} returned nothing`)
  return JSON.parse(JSON.stringify(output))
}

function resolve(value: unknown, outputs: Map<string, unknown>): unknown {
  const path = typeof value === 'string' ? /^\{\{(\w+)((?:\[(?:'[\w-]+'|\d+)\])*)\}\}$/.exec(value) : null
  if (path === null) return value
  const keys = [...(path[2] ?? '').matchAll(/\['?([\w-]+)'?\]/g)].map((match) => match[1] ?? '')
  return keys.reduce<unknown>(valueAt, outputs.get(path[1] ?? '')) ?? ''
}

function valueAt(value: unknown, key: string): unknown {
  const object = Object(value)
  return Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined
}
