import { z } from 'zod'

/** Runs the code of one step; the flow's runner gives it the input with all references resolved. */
export type RunCode = (step: { name: string; code: string }, input: Record<string, unknown>) => Promise<unknown>

const action = z.object({
  name: z.string(),
  type: z.string(),
  settings: z.object({
    input: z.record(z.string(), z.unknown()).default({}),
    sourceCode: z.object({ code: z.string() }).optional(),
    errorHandlingOptions: z.object({ continueOnFailure: z.object({ value: z.boolean() }) }).optional(),
  }),
  nextAction: z.unknown().optional(),
})

export type FlowAction = z.infer<typeof action>

/** The steps of a flow without branches, in order, the trigger first. */
export function flowActions(flow: { trigger: unknown }): FlowAction[] {
  const actions: FlowAction[] = []
  for (let next = flow.trigger; next !== undefined; next = actions.at(-1)?.nextAction) actions.push(action.parse(next))
  return actions
}

/** Runs the code steps of a flow one after the other, as the engine would, and gives the output of each. */
export async function runFlow(
  flow: { trigger: unknown },
  body: unknown,
  runCode: RunCode,
): Promise<Map<string, unknown>> {
  const outputs = new Map<string, unknown>([['trigger', { body }]])
  for (const { name, settings } of flowActions(flow)) {
    if (settings.sourceCode === undefined) continue
    const input = Object.fromEntries(
      Object.entries(settings.input).map(([key, value]) => [key, resolve(value, outputs)]),
    )
    outputs.set(name, await runCode({ name, code: settings.sourceCode.code }, input))
  }
  return outputs
}

/** The webhook's payload for an input. */
export function requestBody(input: Record<string, unknown>) {
  const id = '00000000-0000-4000-8000-000000000000'
  return { execution: { id, attempt: 1 }, correlationId: `${id}-1`, input, files: [] }
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
  const path = typeof value === 'string' ? /^\{\{(\w+)((?:\['\w+'\])*)\}\}$/.exec(value) : null
  if (path === null) return value
  const keys = [...(path[2] ?? '').matchAll(/\['(\w+)'\]/g)].map((match) => match[1] ?? '')
  return keys.reduce<unknown>(valueAt, outputs.get(path[1] ?? '')) ?? ''
}

function valueAt(value: unknown, key: string): unknown {
  const object = Object(value)
  return Object.hasOwn(object, key) ? Reflect.get(object, key) : undefined
}
