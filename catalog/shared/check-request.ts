interface CheckedRequest {
  executionId: string
  attempt: number
  correlationId: string
}

interface Call {
  body: unknown
  /** The largest file that the workflow reads, where it reads any. */
  mostMegabytes?: string
}

const bytesOfMegabyte = 1_000_000

/** First step of every flow: refuses a call that did not come as a run of Studios, before anything is computed. */
export const code = async ({ body, mostMegabytes }: Call): Promise<CheckedRequest> => {
  const request = asObject(body)
  if (request === undefined || Object.keys(request).length === 0) {
    throw new Error('The request is empty; a run is started with an execution and its input.')
  }
  const execution = asObject(request['execution'])
  const executionId = execution?.['id']
  if (typeof executionId !== 'string' || executionId === '') {
    throw new Error('The request names no execution; it needs "execution" with an id.')
  }
  const input = asObject(request['input'])
  if (input === undefined) {
    throw new Error('The request has no input; it needs "input" with the values of the form.')
  }
  if (mostMegabytes !== undefined) checkFile(input, request['files'], Number(mostMegabytes))
  const attempt = Number(execution?.['attempt'] ?? 1)
  return { executionId, attempt, correlationId: String(request['correlationId'] ?? '') }
}

function checkFile(input: Record<string, unknown>, files: unknown, mostMegabytes: number): void {
  const file = asObject(Array.isArray(files) ? files[0] : undefined)
  if (file === undefined && typeof input['file'] === 'string') {
    throw new Error('The file that was chosen did not come with the request; choose it again and start a new run.')
  }
  const megabytes = Number(file?.['size']) / bytesOfMegabyte
  if (megabytes > mostMegabytes) {
    const sizes = `The file has ${Math.ceil(megabytes)} MB; this workflow reads at most ${mostMegabytes} MB`
    throw new Error(`${sizes}. Export fewer rows or columns.`)
  }
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
}
