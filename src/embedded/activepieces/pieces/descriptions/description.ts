/** A setting of an action or trigger, as an editor of flows shows it. */
export interface Property {
  displayName: string
  required: boolean
  type: 'SHORT_TEXT' | 'NUMBER' | 'CHECKBOX' | 'OBJECT' | 'DATE_TIME' | 'STATIC_DROPDOWN' | 'DYNAMIC'
  description?: string
  defaultValue?: string | boolean
  /** Properties whose value decides what this one consists of. */
  refreshers?: string[]
  options?: { disabled?: false; options: { label: string; value: string }[] }
}

export interface Member {
  displayName: string
  description: string
  props: Record<string, Property>
}

/** How an editor offers "continue on failure" and "retry on failure" for the actions of a piece. */
export interface FailureOption {
  hide?: true
  defaultValue?: false
}

export interface PieceDescription {
  name: string
  displayName: string
  description: string
  version: string
  categories: string[]
  failureOption: FailureOption
  actions: Record<string, Member>
  triggers: Record<string, Member>
}

/** A property with a fixed choice, `label: value`. */
export function choice(displayName: string, choices: Record<string, string>) {
  const options = Object.entries(choices).map(([label, value]) => ({ label, value }))
  return { displayName, required: true, type: 'STATIC_DROPDOWN', options: { options } } satisfies Property
}

/** A property with a fixed choice, one of which is taken when nothing is chosen. */
export function defaultChoice(displayName: string, defaultValue: string, choices: Record<string, string>) {
  const { options } = choice(displayName, choices)
  const withDefault = { required: false, defaultValue, options: { disabled: false, ...options } } as const
  return { displayName, type: 'STATIC_DROPDOWN', ...withDefault } satisfies Property
}
