import type { FlowDescription } from '../flow-builder.ts'
import { fileAnswer } from '../http-actions.ts'

export const flow: FlowDescription = {
  displayName: 'Lead Nurturing Campaign',
  file: { mostMegabytes: 10 },
  steps: [
    {
      name: 'read_leads',
      displayName: 'Read the leads',
      input: {
        data: "{{trigger['body']['input']['data']}}",
        ...fileAnswer,
        startDate: "{{trigger['body']['input']['startDate']}}",
        dateOrder: "{{trigger['body']['input']['dateOrder']}}",
        columns: "{{trigger['body']['input']['columns']}}",
      },
    },
    {
      name: 'suppress_addresses',
      displayName: 'Take out addresses not to write to',
      input: { leads: "{{read_leads['leads']}}" },
    },
    {
      name: 'score_leads',
      displayName: 'Score and segment',
      input: {
        leads: "{{suppress_addresses['leads']}}",
        columns: "{{read_leads['columns']}}",
        today: "{{read_leads['today']}}",
      },
    },
    {
      name: 'plan_messages',
      displayName: 'Plan the messages',
      input: {
        scored: "{{score_leads['scored']}}",
        start: "{{read_leads['start']}}",
        messagesPerSegment: "{{trigger['body']['input']['messagesPerSegment']}}",
        spacingDays: "{{trigger['body']['input']['spacingDays']}}",
      },
    },
    {
      name: 'report',
      displayName: 'Write the campaign plan',
      input: {
        campaignName: "{{trigger['body']['input']['campaignName']}}",
        start: "{{read_leads['start']}}",
        isStartGiven: "{{read_leads['isStartGiven']}}",
        scoring: '{{score_leads}}',
        plan: '{{plan_messages}}',
        suppressed: "{{suppress_addresses['suppressed']}}",
        warnings: "{{read_leads['warnings']}}",
      },
    },
  ],
}
