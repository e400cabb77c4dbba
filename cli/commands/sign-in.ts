import { defineCommand } from 'citty'
import { telling } from '../failure.ts'
import { askSecret } from '../prompt.ts'
import { openSession } from '../session.ts'

const account = {
  email: { type: 'string', required: true, description: 'Your e-mail address' },
  password: { type: 'string', description: 'Asked for when left out, so that it stays out of your shell history' },
} as const

export const signUpCommand = defineCommand({
  meta: { name: 'sign-up', description: 'Open an account and sign in' },
  args: { ...account, name: { type: 'string', required: true, description: 'Your full name' } },
  run: ({ args }) =>
    telling(async () => {
      const { auth } = await openSession()
      const password = args.password ?? (await askSecret('Password: '))
      const { data, error } = await auth.signUp({
        email: args.email,
        password,
        options: { data: { full_name: args.name } },
      })
      if (error) throw error
      const isIn = Boolean(data.session)
      process.stdout.write(
        isIn ? `Signed in as ${args.email}.\n` : 'Look into your mail and follow the link, then sign in.\n',
      )
    }),
})

export const signInCommand = defineCommand({
  meta: { name: 'sign-in', description: 'Sign in; the session is kept for the commands that follow' },
  args: account,
  run: ({ args }) =>
    telling(async () => {
      const { auth } = await openSession()
      const password = args.password ?? (await askSecret('Password: '))
      const { error } = await auth.signInWithPassword({ email: args.email, password })
      if (error) throw error
      process.stdout.write(`Signed in as ${args.email}.\n`)
    }),
})

export const signOutCommand = defineCommand({
  meta: { name: 'sign-out', description: 'Sign out here, or everywhere' },
  args: { everywhere: { type: 'boolean', description: 'End all your sessions' } },
  run: ({ args }) =>
    telling(async () => {
      const { auth } = await openSession()
      const { error } = await auth.signOut({ scope: args.everywhere ? 'global' : 'local' })
      if (error) throw error
      process.stdout.write('Signed out.\n')
    }),
})
