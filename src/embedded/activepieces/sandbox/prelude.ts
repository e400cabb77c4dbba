/**
 * Runs inside the virtual machine before the step's code: timers kept by the host, a console that goes nowhere, and the
 * call of the step itself. Its own intrinsics are taken before the step can change them.
 */
export const prelude = `(function (schedule) {
  'use strict'
  const { stringify, parse } = JSON
  const callbacks = new Map()
  let lastId = 0
  let state = 0
  let text
  const later = (repeats) => (callback, ms, ...args) => {
    const id = ++lastId
    const wait = Math.max(repeats ? 1 : 0, Number(ms) || 0)
    callbacks.set(id, () => {
      if (repeats) schedule(id, wait)
      else callbacks.delete(id)
      callback(...args)
    })
    schedule(id, wait)
    return id
  }
  const cancel = (id) => { callbacks.delete(id) }
  globalThis.setTimeout = later(false)
  globalThis.setInterval = later(true)
  globalThis.clearTimeout = cancel
  globalThis.clearInterval = cancel
  const silent = () => {}
  globalThis.console = { log: silent, info: silent, warn: silent, error: silent, debug: silent, trace: silent }
  globalThis.structuredClone = (value) => (value === undefined ? value : parse(stringify(value)))
  const settle = (nextState, value) => { if (state === 0) { state = nextState; text = value } }
  const describe = (error) => {
    if (!(error instanceof Error)) {
      const value = typeof error === 'string' ? error : stringify(error)
      return stringify({ message: String(value), stack: '' })
    }
    return stringify({ message: error.name + ': ' + error.message, stack: String(error.stack ?? '') })
  }
  const fail = (error) => settle(2, describe(error))
  return {
    fire: (id) => { callbacks.get(id)?.() },
    state: () => state,
    text: () => text,
    start: (factory, input) => {
      try {
        const module = { exports: {} }
        factory(module.exports, module)
        const code = module.exports.code
        if (typeof code !== 'function') throw new TypeError('The step must export a function named code')
        Promise.resolve(code(parse(input))).then((value) => settle(1, stringify(value))).catch(fail)
      } catch (error) {
        fail(error)
      }
    },
  }
})`
