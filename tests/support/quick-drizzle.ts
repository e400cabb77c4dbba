import { registerHooks } from 'node:module'

// Node reads the whole package.json beside each module to learn of what kind it is. drizzle-orm has 180 KB of it and a
// hundred modules, half a second of work; what they import of each other is of their own kind.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier.startsWith('.') && context.parentURL?.includes('/node_modules/drizzle-orm/')
      ? { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true }
      : next(specifier, context),
})
