import type { PieceDescription } from './description.ts'

export const approval: PieceDescription = {
  name: '@activepieces/piece-approval',
  displayName: 'Approval (Legacy)',
  description: 'Links that let a person approve or refuse, and a step that waits for it',
  version: '0.1.20',
  categories: ['CORE', 'FLOW_CONTROL'],
  failureOption: { hide: true },
  actions: {
    wait_for_approval: {
      displayName: 'Wait for Approval',
      description: 'Pauses the run until somebody approves or refuses',
      props: {},
    },
    create_approval_links: {
      displayName: 'Create Approval Links',
      description: 'Gives the links by which somebody approves or refuses',
      props: {},
    },
  },
  triggers: {},
}
