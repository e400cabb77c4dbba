#!/usr/bin/env node
import { defineCommand, runMain } from 'citty'
import { procedureCommands } from './procedures.ts'

/** The `studios` command: operators' verbs, and one command for each procedure of the API. */
export const main = defineCommand({
  meta: { name: 'studios', description: 'Studios AI from the command line' },
  subCommands: {
    'sign-up': () => import('./commands/sign-in.ts').then((file) => file.signUpCommand),
    'sign-in': () => import('./commands/sign-in.ts').then((file) => file.signInCommand),
    'sign-out': () => import('./commands/sign-in.ts').then((file) => file.signOutCommand),
    db: () => import('./commands/db.ts').then((file) => file.dbCommand),
    engine: () => import('./commands/engine.ts').then((file) => file.engineCommand),
    health: () => import('./commands/health.ts').then((file) => file.healthCommand),
    demo: () => import('./commands/demo.ts').then((file) => file.demoCommand),
    ...procedureCommands(),
  },
})

if (import.meta.main) await runMain(main)
