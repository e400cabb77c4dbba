/** The step by which a flow of the catalog fetches the file that a run was given. */
export const fileStep = 'read_studio_file'

const gone = new Set(['401', '403', '404', '410'])

/** Why a file could not be fetched, for people; the engine's message is technical and may hold the link to the file. */
export function fileFailure(message: string): string {
  const status = message.match(/"status"\s*:\s*(\d{3})/)?.[1]
  if (status !== undefined && gone.has(status)) {
    return 'The file is no longer there, or the link to it has ended. Choose a file and start a new run.'
  }
  const answer = status === undefined ? '' : ` (status ${status})`
  return `The file could not be fetched from the studio${answer}. Try the run again in a few minutes.`
}
