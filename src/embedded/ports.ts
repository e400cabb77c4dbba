import { createServer } from 'node:net'

/** @throws one sentence when somebody listens on the port already */
export function refuseTakenPort(host: string, port: number, variable: string): Promise<void> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE'
      fail(
        isTaken
          ? new Error(`Port ${port} on ${host} is taken; stop what runs there, or set ${variable} to another number.`)
          : error,
      )
    })
    probe.listen(port, host, () => probe.close(() => done()))
  })
}
