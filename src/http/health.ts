import type { FastifyInstance } from 'fastify'
import { type HealthPart, type HealthProbe, healthReporter } from '../health.ts'

/** `/health/live`: the process answers. `/health/ready`: so does everything it needs, each with state and latency. */
export function registerHealth(app: FastifyInstance, probes: Record<HealthPart, HealthProbe>): void {
  const report = healthReporter(probes)
  app.get('/health/live', async () => ({ status: 'up' }))
  app.get('/health/ready', async (_, reply) => {
    const parts = await report()
    const isUp = Object.values(parts).every((part) => part.state === 'up')
    return reply.code(isUp ? 200 : 503).send({ status: isUp ? 'up' : 'down', ...parts })
  })
}
