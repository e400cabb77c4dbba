import * as contract from '../contracts/schedules.ts'
import * as schedules from '../services/workflows/schedules.ts'
import { memberProcedure, router, viewerProcedure } from '../trpc.ts'

const tags = ['Schedules']
const path = '/companies/{companyId}/schedules/{scheduleId}'

export const schedulesRouter = router({
  create: memberProcedure
    .meta({
      openapi: { method: 'POST', path: '/studios/{studioId}/schedules', tags, summary: 'Run a workflow by the clock' },
    })
    .input(contract.createScheduleInput)
    .output(contract.scheduleSummary)
    .mutation(({ ctx, input }) => schedules.createSchedule(ctx.service, input)),
  list: viewerProcedure
    .meta({
      openapi: { method: 'GET', path: '/companies/{companyId}/schedules', tags, summary: 'Schedules of a company' },
    })
    .input(contract.listSchedulesInput)
    .output(contract.schedulePage)
    .query(({ ctx, input }) => schedules.listSchedules(ctx.service, input)),
  byId: viewerProcedure
    .meta({ openapi: { method: 'GET', path, tags, summary: 'One schedule with the next times at which it comes due' } })
    .input(contract.scheduleInput)
    .output(contract.schedule)
    .query(({ ctx, input }) => schedules.findSchedule(ctx.service, input)),
  update: memberProcedure
    .meta({ openapi: { method: 'PATCH', path, tags, summary: 'Change a schedule, switch it off or on' } })
    .input(contract.updateScheduleInput)
    .output(contract.scheduleSummary)
    .mutation(({ ctx, input }) => schedules.updateSchedule(ctx.service, input)),
  remove: memberProcedure
    .meta({ openapi: { method: 'DELETE', path, tags, summary: 'Remove a schedule; its runs stay' } })
    .input(contract.scheduleInput)
    .output(contract.scheduleInput)
    .mutation(({ ctx, input }) => schedules.removeSchedule(ctx.service, input)),
  occurrences: viewerProcedure
    .meta({
      openapi: {
        method: 'GET',
        path: `${path}/occurrences`,
        tags,
        summary: 'What became of the times at which a schedule came due',
      },
    })
    .input(contract.listOccurrencesInput)
    .output(contract.occurrencePage)
    .query(({ ctx, input }) => schedules.listOccurrences(ctx.service, input)),
})
