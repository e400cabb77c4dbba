import type { FlowDescription } from '../flow-builder.ts'
import { fileAnswer } from '../http-actions.ts'

export const flow: FlowDescription = {
  displayName: 'Ticket Triage',
  file: { mostMegabytes: 10 },
  steps: [
    {
      name: 'read_tickets',
      displayName: 'Read the tickets',
      input: {
        data: "{{trigger['body']['input']['data']}}",
        ...fileAnswer,
        asOf: "{{trigger['body']['input']['asOf']}}",
        dateOrder: "{{trigger['body']['input']['dateOrder']}}",
        columns: "{{trigger['body']['input']['columns']}}",
      },
    },
    {
      name: 'classify_tickets',
      displayName: 'Decide category and urgency',
      input: { tickets: "{{read_tickets['tickets']}}", rules: "{{trigger['body']['input']['rules']}}" },
    },
    {
      name: 'find_duplicates',
      displayName: 'Find duplicates',
      input: { tickets: "{{read_tickets['tickets']}}" },
    },
    {
      name: 'assign_queues',
      displayName: 'Assign queues and check waiting times',
      input: {
        tickets: "{{read_tickets['tickets']}}",
        decisions: "{{classify_tickets['decisions']}}",
        duplicates: "{{find_duplicates['duplicates']}}",
        asOf: "{{read_tickets['asOf']}}",
      },
    },
    {
      name: 'report',
      displayName: 'Write the triage list',
      input: {
        triaged: "{{assign_queues['triaged']}}",
        groups: "{{assign_queues['groups']}}",
        closedCount: "{{assign_queues['closedCount']}}",
        asOf: "{{read_tickets['asOf']}}",
        warnings: "{{read_tickets['warnings']}}",
      },
    },
  ],
}
