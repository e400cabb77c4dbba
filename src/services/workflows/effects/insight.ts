import { effectArguments } from '../../../contracts/effects.ts'
import { insertInsight } from '../../../db/queries/insights.ts'
import { effectRule } from './rule.ts'

export const insightRecord = effectRule({
  arguments: effectArguments['insight.record'],
  role: 'member',
  apply: async (tx, place, insight) => {
    const id = await insertInsight(tx, place, insight)
    return { entity: 'insight', id, before: null, after: { title: insight.title, importance: insight.importance } }
  },
})
