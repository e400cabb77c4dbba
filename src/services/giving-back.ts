import { ExponentialBackoff, handleAll, retry } from 'cockatiel'

const persistent = retry(handleAll, {
  maxAttempts: 8,
  backoff: new ExponentialBackoff({ initialDelay: 500, maxDelay: 30_000 }),
}).dangerouslyUnref()

/**
 * Gives back what was taken for something that failed. Where that cannot be done at once it is tried again for a minute or two,
 * and nobody waits for it; what even then is not given back is left until its time has run out.
 */
export async function giveBack(work: () => Promise<unknown>): Promise<void> {
  await work().catch(() => void persistent.execute(work).catch(() => undefined))
}
