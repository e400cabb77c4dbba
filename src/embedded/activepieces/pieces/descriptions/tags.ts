import type { PieceDescription } from './description.ts'

export const tags: PieceDescription = {
  name: '@activepieces/piece-tags',
  displayName: 'Tags',
  description: 'Marks the run with a tag that the list of runs can be filtered by',
  version: '0.0.18',
  categories: ['CORE'],
  failureOption: { hide: true },
  actions: {
    add_tag: {
      displayName: 'Add Tag',
      description: 'Adds a tag to the run',
      props: { name: { displayName: 'Tag Name', required: true, type: 'SHORT_TEXT' } },
    },
  },
  triggers: {},
}
