import { defineCommand } from 'citty'
import { telling } from '../failure.ts'
import { printJson } from '../output.ts'
import { cliSettings } from '../settings.ts'

export const healthCommand = defineCommand({
  meta: { name: 'health', description: 'Whether the server and all it needs are up; ends with 1 when not' },
  run: () =>
    telling(async () => {
      const response = await fetch(`${cliSettings().url}/health/ready`)
      printJson(await response.json())
      if (!response.ok) process.exitCode = 1
    }),
})
