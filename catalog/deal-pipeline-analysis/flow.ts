import type { FlowDescription } from '../flow-builder.ts'
import { fileAnswer } from '../http-actions.ts'

export const flow: FlowDescription = {
  displayName: 'Deal Pipeline Analysis',
  file: { mostMegabytes: 20 },
  steps: [
    {
      name: 'read_data',
      displayName: 'Read the deals',
      input: {
        data: "{{trigger['body']['input']['data']}}",
        ...fileAnswer,
        asOf: "{{trigger['body']['input']['asOf']}}",
        dateOrder: "{{trigger['body']['input']['dateOrder']}}",
        stalledAfterDays: "{{trigger['body']['input']['stalledAfterDays']}}",
        columns: "{{trigger['body']['input']['columns']}}",
        wonStages: "{{trigger['body']['input']['wonStages']}}",
        lostStages: "{{trigger['body']['input']['lostStages']}}",
        topN: "{{trigger['body']['input']['topN']}}",
      },
    },
    { name: 'measure_results', displayName: 'Measure the results', input: { deals: "{{read_data['deals']}}" } },
    {
      name: 'forecast',
      displayName: 'Weigh the open deals',
      input: { deals: "{{read_data['deals']}}", measures: '{{measure_results}}' },
    },
    {
      name: 'find_stalled',
      displayName: 'Find stalled deals',
      input: {
        deals: "{{read_data['deals']}}",
        measures: '{{measure_results}}',
        options: "{{read_data['options']}}",
      },
    },
    {
      name: 'conclude',
      displayName: 'Draw conclusions',
      input: {
        options: "{{read_data['options']}}",
        warnings: "{{read_data['warnings']}}",
        measures: '{{measure_results}}',
        forecast: '{{forecast}}',
        stalled: '{{find_stalled}}',
      },
    },
  ],
}
