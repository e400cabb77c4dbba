import { tracked } from '@trpc/server'
import { executionEffects, listEffectsInput } from '../contracts/effects.ts'
import * as contract from '../contracts/executions.ts'
import { executionFiles, executionFilesInput } from '../contracts/run-files.ts'
import { watchCompanyInput } from '../contracts/watching.ts'
import { listEffects } from '../services/workflows/effects/list.ts'
import * as moves from '../services/workflows/execution-moves.ts'
import * as executions from '../services/workflows/executions.ts'
import { listExecutionFiles } from '../services/workflows/file-uses.ts'
import { executionQueue } from '../services/workflows/queue.ts'
import { replayExecution } from '../services/workflows/replays.ts'
import { startExecution } from '../services/workflows/starts.ts'
import { watchExecution } from '../services/workflows/watch.ts'
import { watchCompany } from '../services/workflows/watch-company.ts'
import { memberProcedure, router, viewerProcedure } from '../trpc.ts'

const tags = ['Executions']

export const executionsRouter = router({
  start: memberProcedure
    .meta({ openapi: { method: 'POST', path: '/studios/{studioId}/executions', tags, summary: 'Run a workflow' } })
    .input(contract.startExecutionInput)
    .output(contract.startedExecution)
    .mutation(({ ctx, input }) => startExecution(ctx.service, input)),
  list: viewerProcedure
    .meta({ openapi: { method: 'GET', path: '/companies/{companyId}/executions', tags, summary: 'Runs of a company' } })
    .input(contract.listExecutionsInput)
    .output(contract.executionPage)
    .query(({ ctx, input }) => executions.listExecutions(ctx.service, input)),
  byId: viewerProcedure
    .meta({ openapi: { method: 'GET', path: '/executions/{executionId}', tags, summary: 'One run with its result' } })
    .input(contract.executionInput)
    .output(contract.execution)
    .query(({ ctx, input }) => executions.findExecution(ctx.service, input.executionId)),
  logs: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/executions/{executionId}/logs',
        tags,
        summary: 'What happened in a run so far',
      },
    })
    .input(contract.listLogsInput)
    .output(contract.executionLogs)
    .query(({ ctx, input }) => executions.listLogs(ctx.service, input)),
  queue: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/companies/{companyId}/executions/queue',
        tags,
        summary: 'Runs that wait, their places and expected starts',
      },
    })
    .input(contract.executionQueueInput)
    .output(contract.executionQueue)
    .query(({ ctx, input }) => executionQueue(ctx.service, input)),
  effects: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/executions/{executionId}/effects',
        tags,
        summary: 'What a run asked to change, and what became of it',
      },
    })
    .input(listEffectsInput)
    .output(executionEffects)
    .query(({ ctx, input }) => listEffects(ctx.service, input)),
  files: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: '/executions/{executionId}/files',
        tags,
        summary: 'The files that a run was given and those that it made',
      },
    })
    .input(executionFilesInput)
    .output(executionFiles)
    .query(({ ctx, input }) => listExecutionFiles(ctx.service, input)),
  cancel: memberProcedure
    .meta({ openapi: { method: 'POST', path: '/executions/{executionId}/cancel', tags, summary: 'Cancel a run' } })
    .input(contract.executionInput)
    .output(contract.executionSummary)
    .mutation(({ ctx, input }) => moves.cancelExecution(ctx.service, input.executionId)),
  retry: memberProcedure
    .meta({
      openapi: { method: 'POST', path: '/executions/{executionId}/retry', tags, summary: 'Try a failed run again' },
    })
    .input(contract.retryExecutionInput)
    .output(contract.executionSummary)
    .mutation(({ ctx, input }) => moves.retryExecution(ctx.service, input)),
  replay: memberProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/executions/{executionId}/replay',
        tags,
        summary: 'Run the same again as a new run',
      },
    })
    .input(contract.replayExecutionInput)
    .output(contract.startedExecution)
    .mutation(({ ctx, input }) => replayExecution(ctx.service, input)),
  pause: memberProcedure
    .meta({
      openapi: { method: 'POST', path: '/executions/{executionId}/pause', tags, summary: 'Hold a waiting run back' },
    })
    .input(contract.executionInput)
    .output(contract.executionSummary)
    .mutation(({ ctx, input }) => moves.pauseExecution(ctx.service, input.executionId)),
  resume: memberProcedure
    .meta({
      openapi: {
        method: 'POST',
        path: '/executions/{executionId}/resume',
        tags,
        summary: 'Let a paused run go on, or answer its approval',
      },
    })
    .input(contract.resumeExecutionInput)
    .output(contract.executionSummary)
    .mutation(({ ctx, input }) => moves.resumeExecution(ctx.service, input)),
  watch: viewerProcedure
    .meta({ summary: 'Watch a run until it has ended and its effects are done' })
    .input(contract.watchExecutionInput)
    .subscription(async function* ({ ctx, input, signal }) {
      const events = watchExecution(
        ctx.service,
        input.executionId,
        Number(input.lastEventId ?? 0),
        signal ?? new AbortController().signal,
      )
      for await (const event of events) yield tracked(String(event.id), event)
    }),
  watchCompany: viewerProcedure
    .meta({ summary: 'Watch the runs of a company' })
    .input(watchCompanyInput)
    .subscription(async function* ({ ctx, input, signal }) {
      const items = watchCompany(ctx.service, input, { signal: signal ?? new AbortController().signal })
      for await (const { place, item } of items) yield tracked(place, item)
    }),
})
