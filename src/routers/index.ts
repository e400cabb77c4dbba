import { createCallerFactory, router } from '../trpc.ts'
import { attentionRouter } from './attention.ts'
import { bulkRouter } from './bulk.ts'
import { catalogRouter } from './catalog.ts'
import { companiesRouter } from './companies.ts'
import { executionsRouter } from './executions.ts'
import { filesRouter } from './files.ts'
import { foldersRouter } from './folders.ts'
import { insightsRouter } from './insights.ts'
import { integrationsRouter } from './integrations.ts'
import { meRouter } from './me.ts'
import { schedulesRouter } from './schedules.ts'
import { sharingRouter } from './sharing.ts'
import { studiosRouter } from './studios.ts'
import { systemRouter } from './system.ts'

/** Every procedure of the product. */
export const appRouter = router({
  me: meRouter,
  companies: companiesRouter,
  studios: studiosRouter,
  catalog: catalogRouter,
  executions: executionsRouter,
  files: filesRouter,
  sharing: sharingRouter,
  folders: foldersRouter,
  bulk: bulkRouter,
  attention: attentionRouter,
  insights: insightsRouter,
  integrations: integrationsRouter,
  schedules: schedulesRouter,
  system: systemRouter,
})

export type AppRouter = typeof appRouter
export const createCaller = createCallerFactory(appRouter)
