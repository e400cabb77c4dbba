import { type ResolveFnOutput, registerHooks } from 'node:module'

// Node reads the whole package.json of each package that a module names, and the one beside each module to learn of
// what kind it is. drizzle-orm has 180 KB of it and a hundred modules, all of one kind, and ours name it eighty times.
const named = new Map<string, ResolveFnOutput>()

registerHooks({
  resolve: (specifier, context, next) => {
    const from = context.parentURL ?? ''
    const isRelative = specifier.startsWith('.')
    if (isRelative && from.includes('/node_modules/drizzle-orm/'))
      return { url: new URL(specifier, from).href, format: 'module', shortCircuit: true }
    if (isRelative || from.includes('/node_modules/')) return next(specifier, context)
    // What our own modules name is the same for all of them.
    const found = named.get(specifier) ?? next(specifier, context)
    named.set(specifier, found)
    return { ...found, shortCircuit: true }
  },
})
