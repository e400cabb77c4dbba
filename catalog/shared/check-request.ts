interface CheckedRequest {
  executionId: string
  attempt: number
  correlationId: string
}

/** First step of every flow: refuses a call that did not come as a run of Studios, before anything is computed. */
export const code = async ({ body }: { body: unknown }): Promise<CheckedRequest> => {
  const request = asObject(body)
  if (request === undefined || Object.keys(request).length === 0) {
    throw new Error('The request is empty; a run is started with an execution and its input.')
  }
  const execution = asObject(request['execution'])
  const executionId = execution?.['id']
  if (typeof executionId !== 'string' || executionId === '') {
    throw new Error('The request names no execution; it needs "execution" with an id.')
  }
  if (asObject(request['input']) === undefined) {
    throw new Error('The request has no input; it needs "input" with the values of the form.')
  }
  const attempt = Number(execution?.['attempt'] ?? 1)
  return { executionId, attempt, correlationId: String(request['correlationId'] ?? '') }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
