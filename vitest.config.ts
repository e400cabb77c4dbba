import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: ['tests/support/global-setup.ts'],
    pool: 'threads',
    // Files of one worker share its modules and its stack, which halves the run; nothing here mocks a module.
    isolate: false,
    // On two cores, more workers mostly load and compile the same once more.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    reporters: ['default', ['json', { outputFile: '.reports/tests.json' }]],
  },
})
