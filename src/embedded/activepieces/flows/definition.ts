import { z } from 'zod'

const option = z.object({ value: z.unknown().optional() }).optional()
const errorHandling = z.object({ continueOnFailure: option, retryOnFailure: option }).optional()
const input = z.record(z.string(), z.unknown()).default({})
const namePattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/

const condition = z.object({
  operator: z.string().optional(),
  firstValue: z.unknown().optional(),
  secondValue: z.unknown().optional(),
  caseSensitive: z.boolean().optional(),
})

const branch = z.object({
  branchName: z.string().default(''),
  branchType: z.enum(['CONDITION', 'FALLBACK']),
  conditions: z.array(z.array(condition)).optional(),
})

const codeSettings = z.object({
  input,
  sourceCode: z.object({ code: z.string(), packageJson: z.string().optional() }),
  errorHandlingOptions: errorHandling,
})

const pieceSettings = z.object({
  pieceName: z.string(),
  pieceVersion: z.string(),
  actionName: z.string(),
  input,
  errorHandlingOptions: errorHandling,
})

const loopSettings = z.object({ items: z.unknown().optional() })

const routerSettings = z.object({
  branches: z.array(branch),
  executionType: z.enum(['EXECUTE_FIRST_MATCH', 'EXECUTE_ALL_MATCH']),
})

type Below = Action | null | undefined

interface Step<Type extends string, Settings> {
  type: Type
  name: string
  displayName: string
  skip?: boolean | undefined
  settings: Settings
  nextAction?: Below
}

export type Condition = z.output<typeof condition>
export type Branch = z.output<typeof branch>
export type CodeAction = Step<'CODE', z.output<typeof codeSettings>>
export type PieceAction = Step<'PIECE', z.output<typeof pieceSettings>>
export type LoopAction = Step<'LOOP_ON_ITEMS', z.output<typeof loopSettings>> & { firstLoopAction?: Below }
export type RouterAction = Step<'ROUTER', z.output<typeof routerSettings>> & { children: Below[] }
export type Action = CodeAction | PieceAction | LoopAction | RouterAction

const next: z.ZodType<Below> = z.lazy(() => action.nullish())
const base = { name: z.string(), displayName: z.string().default(''), skip: z.boolean().optional(), nextAction: next }

const action: z.ZodType<Action> = z.discriminatedUnion('type', [
  z.object({ ...base, type: z.literal('CODE'), settings: codeSettings }),
  z.object({ ...base, type: z.literal('PIECE'), settings: pieceSettings }),
  z.object({ ...base, type: z.literal('LOOP_ON_ITEMS'), settings: loopSettings, firstLoopAction: next }),
  z.object({ ...base, type: z.literal('ROUTER'), settings: routerSettings, children: z.array(next) }),
])

/** The trigger as IMPORT_FLOW checks it: what hangs below is taken as it comes. */
export const importedTrigger = z.discriminatedUnion('type', [
  z.looseObject({
    name: z.string(),
    type: z.literal('PIECE_TRIGGER'),
    valid: z.boolean(),
    displayName: z.string(),
    lastUpdatedDate: z.string(),
    settings: z.looseObject({
      pieceName: z.string(),
      pieceVersion: z.string(),
      triggerName: z.string().optional(),
      input: z.record(z.string(), z.unknown()),
      propertySettings: z.record(z.string(), z.unknown()),
    }),
    nextAction: z.unknown().optional(),
  }),
  z.looseObject({
    name: z.string(),
    type: z.literal('EMPTY'),
    valid: z.boolean(),
    displayName: z.string(),
    lastUpdatedDate: z.string(),
    settings: z.unknown().optional(),
    nextAction: z.unknown().optional(),
  }),
])

const trigger = z.object({
  name: z.string().default('trigger'),
  type: z.enum(['PIECE_TRIGGER', 'EMPTY']),
  settings: z
    .object({
      pieceName: z.string().optional(),
      pieceVersion: z.string().optional(),
      triggerName: z.string().optional(),
      input: z.record(z.string(), z.unknown()).optional(),
    })
    .default({}),
  nextAction: next,
})

export type Trigger = z.output<typeof trigger>

/** The flow as the executor walks it; throws where a step is not one it knows. */
export function readTrigger(value: unknown): Trigger {
  return trigger.parse(value)
}

export function isValidAction(value: unknown): boolean {
  const result = action.safeParse(value)
  return result.success && namePattern.test(result.data.name)
}
