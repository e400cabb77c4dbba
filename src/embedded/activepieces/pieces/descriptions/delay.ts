import { choice, type PieceDescription } from './description.ts'

const units = { Seconds: 'seconds', Minutes: 'minutes', Hours: 'hours', Days: 'days' }

export const delay: PieceDescription = {
  name: '@activepieces/piece-delay',
  displayName: 'Delay',
  description: 'Waits before the next step',
  version: '0.3.28',
  categories: ['CORE', 'FLOW_CONTROL'],
  failureOption: { hide: true },
  actions: {
    delayFor: {
      displayName: 'Delay For',
      description: 'Waits for a duration',
      props: {
        unit: { ...choice('Unit', units), description: 'The unit of the duration', defaultValue: 'seconds' },
        delayFor: { displayName: 'Amount', description: 'How many units', required: true, type: 'NUMBER' },
      },
    },
    delay_until: {
      displayName: 'Delay Until',
      description: 'Waits until a moment',
      props: {
        delayUntilTimestamp: {
          displayName: 'Date and Time',
          description: 'An ISO date, or milliseconds since 1970',
          required: true,
          type: 'DATE_TIME',
        },
      },
    },
  },
  triggers: {},
}
