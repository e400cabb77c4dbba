export interface FlowReference {
  root: string
  keys: string[]
}

/** Every `{{root['key']['key']}}` in a step's input. */
export function allFlowReferences(value: unknown): FlowReference[] {
  return [...JSON.stringify(value).matchAll(/\{\{(\w+)((?:\[(?:'\w+'|\d+)\])*)\}\}/g)].map((match) => ({
    root: match[1] ?? '',
    keys: [...(match[2] ?? '').matchAll(/\w+/g)].map(([key]) => key),
  }))
}
