import { z } from 'zod'
import { systemInfo } from '../contracts/system.ts'
import { publicProcedure, router } from '../trpc.ts'

export const systemRouter = router({
  info: publicProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/system/info',
        protect: false,
        tags: ['System'],
        summary: 'Where to sign in, and the version',
      },
    })
    .input(z.void())
    .output(systemInfo)
    .query(({ ctx }) => ctx.info),
})
