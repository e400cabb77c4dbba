import { defineCommand } from 'citty'
import { readDemoFile } from '../demo/input.ts'
import { playJourney } from '../demo/journey.ts'
import { withThrowAwayStack } from '../demo/stack.ts'
import { tellFailure } from '../failure.ts'

export const demoCommand = defineCommand({
  meta: { name: 'demo', description: 'Play the whole journey of a business team against a throw-away stack' },
  args: {
    input: { type: 'string', description: 'A CSV export of sales opportunities; the sample data when left out' },
  },
  run: async ({ args }) => {
    const startedAt = performance.now()
    try {
      const file = readDemoFile(args.input)
      await withThrowAwayStack((stack) => playJourney(stack, file))
      process.stdout.write(
        `\nEverything was as it should be, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`,
      )
    } catch (error) {
      tellFailure(error)
    }
    // Watchers and keep-alive connections must not keep a finished demo waiting.
    process.exit()
  },
})
